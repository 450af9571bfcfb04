// From a run file to findings: sums over clusters of tokens, resampled together; metrics with their intervals; verdicts
// by declared rules; comparisons of runs.
//
// It knows run files (`RunFile`) and what is measured (`Measures`), and neither models, nor figures, nor a report's
// words. Read `Results/Findings.swift` for what comes out, `Measuring/ChunkSums.swift` for what is added up,
// `Derivation/Derivation.swift` for the second way to each number, and `Comparison/RunComparison.swift` for two runs.
