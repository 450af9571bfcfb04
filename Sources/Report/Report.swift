// From findings to pages: one `Document` as a value, written by every format's writer.
//
// May import: Analysis, Measures, Plot, RunFile, Words; Mustache for templates, Yams for an author's text, Crypto. Never
// Experiments: a report is made from run files alone.
//
//     Sections/     one folder per section, with its figures; `ReportSections.all` is the one list: docs/experiments.md
//     Content/      `ReportBuilder` asks the sections; sentences on verdicts; tables by model and condition
//     Comparison/   documents of `diff` and `compare`
//     Numbers/      every printed number, formatted once and bound to its source
//     Document/     the document; Writers/ HTML, Markdown's flavours, LaTeX, plain text, CSV and JSON; Templates/
//     Figures/      what figures of runs share; Author/ the author's own words
//     Manifest/     what a folder holds and where it came from; Verification/ proves that it follows
//
// Start with `Sections/ReportSection.swift`, `Document/Document.swift`, and one section, `Sections/NoiseFloor/`.
