// Texts out of Parquet files, as data sets on the Hub have them: string columns alone, every encoding and codec in use.
//
// May import: Codecs. Start with `ParquetFile.swift`; `Metadata/` reads the footer, `Encodings/` the pages.
