// The contract between measuring and everything else: an HDF5 file per model with raw measurements, never only means.
//
// docs/run-file.md says the same in words, for readers in any language. This module writes a run block by block, puts it
// together, and reads it again; it knows tables, columns and their checks, and no measure by name.
//
// May import: HDF5 (`CHDF5`, through `HDF5/` alone), Codecs, Crypto. Nobody else imports HDF5.
//
//     Schema/    what a run file holds: `RunDescription` (what was measured, on what, how), `ColumnDefinition`,
//                `RunBlock` (what one step measured), the schema's version, the content hash
//     Writing/   `RunInProgress`: a folder of finished blocks, each written aside, synced and renamed, so that a crash
//                loses at most one; `RunFileAssembly` makes the run file of them
//     Reading/   `RunReader`, the door for everyone else; `UnverifiedRun` for files that other programs wrote
//     HDF5/      handles that close themselves, one lock for the library, errors with the library's own stack
//
// Start with `Schema/RunBlock.swift` and `Reading/RunReader.swift`.
