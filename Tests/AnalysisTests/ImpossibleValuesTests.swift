import Analysis
import FabricatedRuns
import RunFile
import Testing

/// Values that a run cannot have measured are refused, and the message says where they are: no figure is made of them.
@Suite("Impossible values")
struct ImpossibleValuesTests {
  private let folder = TemporaryFolder()

  /// A run whose file another program has changed.
  private func findings(changedBy python: String) throws -> Findings {
    var run = FabricatedRun()
    run.chunkCount = 16
    run.replicates = 50
    let path = folder.file("run.h5")
    try run.write(to: path)
    _ = try Python.run(
      "import sys, h5py, numpy as np\nwith h5py.File(sys.argv[1], 'r+') as f:\n    \(python)\n", [path])
    return try Findings(of: RunReader(path, verifyingContent: false))
  }

  @Test(
    "A changed value is an error that names its place",
    arguments: [
      ("f['measurements/int8/accuracy/nll'][7] = -1", ["/measurements/int8/accuracy/nll", "row 7", "-1", "from 0 up"]),
      ("f['measurements/nf4/accuracy/nll'][9] = np.nan", ["/measurements/nf4/accuracy/nll", "row 9", "not in both"]),
      ("f['measurements/int8/accuracy/nll'][:] = np.nan", ["/measurements/int8/accuracy/nll", "row 0", "not in both"]),
      (
        "f['measurements/bf16/sae/squared_error'][3] = -2",
        ["/measurements/bf16/sae/squared_error", "row 3", "from 0 up"]
      ),
      (
        "f['measurements/nf4/noise_floor/squared_perturbation'][5] = -0.5",
        ["squared_perturbation", "row 5", "from 0 up"]
      ), ("f['tokens/stratum'][11] = 9", ["/tokens/stratum", "row 11", "0 to 3"]),
      ("f['tokens/source'][2] = 99", ["/tokens/source", "row 2", "0 to 2"]),
    ])
  func refused(change: String, words: [String]) throws {
    let error = #expect(throws: (any Error).self) { try findings(changedBy: change) }
    for word in words {
      #expect("\(try #require(error))".contains(word), "\(String(describing: error)) does not say \(word)")
    }
  }

  @Test("A kind of tokens that has none has no FVU, whatever its sums say")
  func noTokens() throws {
    let findings = try findings(changedBy: "f['tokens/stratum'][:] = 2")
    #expect(findings.finding(.fvu, condition: "bf16", stratum: .ordinary) == nil)
    #expect(findings.finding(.fvu, condition: "bf16") != nil)
  }
}
