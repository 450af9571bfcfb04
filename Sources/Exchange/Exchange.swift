// Other people's numbers: results of the article's code, run files written by other programs, SAEBench's layout.
//
// May import: Analysis, Measures, RunFile, Crypto. What an imported column may hold is stated by the measures.
//
//     Import         tells a file's kind and makes a run file of it; `ForeignRun` checks what another program measured
//     ArticleImport, ArticleExport, SAEBenchExport   layouts that others read and write
//
// docs/exchange.md describes each. Start with `Import.swift`.
