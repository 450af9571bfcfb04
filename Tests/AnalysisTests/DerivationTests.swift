import Analysis
import FabricatedRuns
import Foundation
import RunFile
import Testing

@Suite("Derivations from raw rows")
struct DerivationTests {
  private let folder = TemporaryFolder()

  private func run(_ change: (inout FabricatedRun) -> Void = { _ in }) throws -> (RunReader, Findings) {
    let findings = try smallFindings(in: folder, change)
    return (try RunReader(folder.file("run.h5")), findings)
  }

  @Test("Every number of a run is derived from its rows and agrees with the report")
  func all() throws {
    let (reader, findings) = try run {
      $0.headline = 640
      $0.snapshots = [200, 640, 1_000]
      // Sizes of the whole model that follow from those of its layers, to the last digit.
      let (linear, all) = (100_270_080.0, 268_098_176.0)
      for index in $0.effects.indices {
        $0.effects[index].bits = ($0.effects[index].compressedBits * linear + 16 * (all - linear)) / all
      }
    }
    let ids = findings.numberIDs
    #expect(ids.count > 150 && Set(ids).count == ids.count)
    for id in ids {
      let derivation = try Derivation(of: id, in: reader, findings)
      #expect(derivation.agrees, "\(id): \(derivation.value) is not \(derivation.reported.value)")
      #expect(derivation.address.id == id && !derivation.steps.isEmpty)
      // What the report says of a number's source is what it is derived from.
      let source = Derivation.source(of: derivation.address, findings)
      let read = derivation.steps.flatMap {
        $0.text.matches(of: /\/measurements\/([\w-]+)\/(\w+)\/(\w+)/).map { ($0.output.1, $0.output.2, $0.output.3) }
      }
      for (condition, experiment, column) in read {
        #expect(
          source.rows.contains(column) && source.rows.contains("/" + experiment) && source.rows.contains(condition),
          "\(id): \(source.rows) does not say \(condition)/\(experiment)/\(column)")
      }
      for match in source.rows.matches(of: /\/measurements\/[^:]+: ([\w, ]+)/) {
        for column in match.output.1.split(separator: ", ") {
          #expect(read.contains { $0.2 == column }, "\(id): \(column) is not read")
        }
      }
    }
  }

  @Test("A number that the rows do not give is noticed")
  func disagreement() throws {
    var (reader, findings) = try run()
    let index = try #require(findings.findings.firstIndex { $0.metric == .fvu && $0.condition == "nf4" })
    findings.findings[index].estimate.value *= 1.000_001
    #expect(!(try Derivation(of: "fvu@1/nf4/all", in: reader, findings)).agrees)
    reader = try RunReader(folder.file("run.h5"))
  }

  @Test("A cross-entropy is the sum of its losses over their number, as h5py adds them up")
  func againstH5py() throws {
    let (reader, findings) = try run()
    let program = """
      import sys, h5py, numpy as np
      f = h5py.File(sys.argv[1]); nll = f['measurements/nf4/accuracy/nll'][:].astype(float)
      s, b = f['measurements/nf4/sae'], f['measurements/bf16/sae']
      o = (f['tokens/stratum'][:] & 1 == 0) & (s['massive'][:] == 0) & (b['massive'][:] == 0)
      v = (s['vector_sum'][:, 0] + s['pair_shift'][:, 0]).sum(axis=0)
      fvu = s['squared_error'][:][o].sum() / (s['squared_norm'][:][o].sum() - (v ** 2).sum() / o.sum())
      print(repr(float(np.nanmean(nll))), repr(float(fvu)))
      """
    let parts = try Python.run(program, [folder.file("run.h5")]).split(separator: " ")
    let values = parts.compactMap { Double($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
    try #require(values.count == 2)
    #expect(abs(try Derivation(of: "cross_entropy@1/nf4/all", in: reader, findings).value - values[0]) < 1e-12)
    #expect(abs(try Derivation(of: "fvu@1/nf4/ordinary", in: reader, findings).value - values[1]) < 1e-9)
  }

  @Test(
    "An id that names nothing is an error with what is near it",
    arguments: [
      "fvu@1/nf5/all", "fvu@2/nf4/all", "fvu@1/nf4", "", "cross_entropy@1/nf4/source/nowhere", "fvu@1/nf4/all/first-7",
    ])
  func unknown(id: String) throws {
    let (reader, findings) = try run()
    let error = #expect(throws: DerivationError.self) { try Derivation(of: id, in: reader, findings) }
    #expect("\(try #require(error))".contains("clearbox explain RUN"))
  }
}
