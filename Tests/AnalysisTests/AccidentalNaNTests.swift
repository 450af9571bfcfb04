import Analysis
import FabricatedRuns
import RunFile
import Testing

/// A NaN that is not the mark of a token that was not scored is refused where a run says what its mark is.
@Suite("A NaN that arithmetic made")
struct AccidentalNaNTests {
  private let folder = TemporaryFolder()

  private func findings(marked: Bool, row: Int) throws -> Findings {
    var run = FabricatedRun()
    (run.chunkCount, run.replicates) = (16, 50)
    var description = run.description
    description.missing = marked ? .own : nil
    try run.writeParts(to: folder.file("parts"), blocks: run.blocks().count)
      .assemble(to: folder.file("run.h5"), description: description)
    // In every condition, so that pairs stay pairs.
    _ = try Python.run(
      """
      import sys, h5py, numpy as np
      with h5py.File(sys.argv[1], 'r+') as f:
          for condition in f['measurements']:
              losses = f['measurements'][condition]['accuracy/nll'][:]
              if sys.argv[2] == 'marked':
                  losses[np.isnan(losses)] = np.uint32(0x7fc04e53).view(np.float32)
              losses[int(sys.argv[3])] = np.float32(np.inf) * np.float32(0)
              f['measurements'][condition]['accuracy/nll'][:] = losses
              for name in ('accuracy/kl', 'accuracy/entropy'):
                  if name in f['measurements'][condition]:
                      values = f['measurements'][condition][name][:]
                      values[np.isnan(losses)] = np.uint32(0x7fc04e53).view(np.float32)
                      f['measurements'][condition][name][:] = values
      """, [folder.file("run.h5"), marked ? "marked" : "old", "\(row)"])
    return try Findings(of: RunReader(folder.file("run.h5"), verifyingContent: false, checkingBytes: false))
  }

  @Test("is refused, with its place")
  func refused() throws {
    let error = #expect(throws: AnalysisError.self) { try findings(marked: true, row: 7) }
    let text = "\(try #require(error))"
    for word in ["/accuracy/nll", "row 7", "nan"] { #expect(text.contains(word), "\(text)") }
  }

  @Test("in a file that does not know the mark is a token that was not scored, as ever")
  func olderFile() throws {
    #expect(try findings(marked: false, row: 7).finding(.crossEntropy, condition: "bf16") != nil)
  }
}
