import Analysis
import FabricatedRuns
import Foundation
import RunFile
import Testing

@Suite("clearbox features")
struct FeaturesCommandTests {
  private func clearbox(_ arguments: [String]) throws -> Command { try StandIn.clearbox("exec \"$@\"", arguments) }

  @Test("features of a run are listed, derived, written as CSV, and copied with it")
  func wholeWay() throws {
    let tiny = try StandIn(tokens: 4000)
    let (out, run) = (tiny.folder.file("out"), tiny.folder.file("out/tiny.h5"))
    let made = try tiny.run(to: out)
    try #require(made.status == 0, "\(made.errors)")
    let reader = try RunReader(run)
    let findings = try Findings(of: reader)
    #expect(
      findings.features.map(\.pair.name) == [
        "int8", "int8~noise", "nf4-b32", "nf4-b32~noise", "bf16-rerun", "int8-rerun", "nf4-b32-rerun",
      ])
    let own = try #require(findings.features("nf4-b32"))
    #expect(own.judged.count > 10 && own.table.shares.tokens > 2000)

    // Every number over features follows from its table.
    let ids = findings.numberIDs.filter { $0.hasPrefix("features/") || $0.hasPrefix("feature_") }
    #expect(ids.contains("features/nf4-b32~noise/kept-0.9") && ids.contains("feature_jaccard@1/int8/ordinary"))
    for id in ids { #expect(try Derivation(of: id, in: reader, findings).agrees, "\(id)") }
    let explained = try clearbox(["explain", run, "features/nf4-b32/kept-0.9"])
    #expect(explained.status == 0 && explained.output.contains("r ≥ 0.9"), "\(explained.output)")
    #expect(explained.output.contains("jackknife over groups of documents") && !explained.output.contains("bootstrap"))

    // Tables that no run leaves are refused in words.
    for change in [
      "attrs['groups'] = 10**15", "attrs['tokens'] = 10**9", "['count_condition'][3] = 2**31 - 1", "['r'][5] = np.inf",
    ] {
      let crafted = tiny.folder.file("crafted.h5")
      try? FileManager.default.removeItem(atPath: crafted)
      try FileManager.default.copyItem(atPath: run, toPath: crafted)
      let place = change.hasPrefix("attrs") ? ".\(change)" : change
      _ = try Python.run(
        "import h5py, numpy as np, sys\nwith h5py.File(sys.argv[1], 'r+') as f: "
          + "f['measurements/nf4-b32/features']\(place)", [crafted])
      let reader = try RunReader(crafted, verifyingContent: false, checkingBytes: false)
      #expect(throws: RunFileError.self, "\(change)") { try Findings(of: reader) }
    }

    let listed = try clearbox(["features", run, "--condition", "nf4-b32", "--worst", "5"])
    let lines = listed.output.split(separator: "\n")
    #expect(listed.status == 0 && lines.count == 7, "\(listed.output)")
    #expect(lines[0].hasPrefix("nf4-b32 against bf16: ") && lines[1].contains("r where active"))
    let csv = try clearbox(["features", run, "--condition", "int8", "--csv", "-o", tiny.folder.file("f.csv")])
    #expect(csv.status == 0, "\(csv.errors)")
    let rows = try String(contentsOfFile: tiny.folder.file("f.csv"), encoding: .utf8).split(separator: "\n")
    #expect(
      rows[0].hasPrefix("feature,count_reference,") && rows.count == 1 + (findings.features("int8")?.judged.count ?? 0))
    let unknown = try clearbox(["features", run, "--condition", "nf4"])
    #expect(unknown.status == 2 && unknown.errors.contains("int8, nf4-b32"), "\(unknown.errors)")

    let copy = tiny.folder.file("copy.h5")
    #expect(try clearbox(["export", run, "--format", "run", "-o", copy]).status == 0)
    let copied = try #require(try Findings(of: RunReader(copy)).features("nf4-b32"))
    #expect(copied.judged == own.judged && copied.table.countBoth == own.table.countBoth)
    #expect(zip(copied.table.squaredChange, own.table.squaredChange).allSatisfy { abs($0 - $1) <= 2e-5 * abs($1) })
    let report = try String(contentsOfFile: out + "/report.md", encoding: .utf8)
    #expect(report.contains("Same features") && report.contains("under random noise of the same size"))
  }

  @Test("groups' sums are kept where the study asks, and add up to the totals")
  func groups() throws {
    let tiny = try StandIn(tokens: 1500)
    let study = tiny.folder.file("study.yaml")
    let text = try String(contentsOfFile: study, encoding: .utf8)
    try (text + "\nfeatures: { group_sums: true }\n").write(toFile: study, atomically: true, encoding: .utf8)
    let made = try tiny.run(to: tiny.folder.file("out"))
    try #require(made.status == 0, "\(made.errors)")
    let run = tiny.folder.file("out/tiny.h5")
    let said = try Python.run(
      """
      import h5py, numpy as np, sys
      with h5py.File(sys.argv[1]) as f:
          g = f["measurements/int8/features"]
          counts, sums, tokens = g["group_counts"][:], g["group_sums"][:], g["group_tokens"][:]
          names = ["count_reference", "count_condition", "count_both"]
          assert all((counts[:, :, i].sum(0) == g[n][:]).all() for i, n in enumerate(names))
          names = ["sum_reference", "sum_condition", "square_reference", "square_condition", "product", "squared_change"]
          assert all(np.allclose(sums[:, :, i].sum(0), g[n][:], rtol=1e-12) for i, n in enumerate(names))
          assert tokens.sum() == g.attrs["tokens"] and len(tokens) == 20
          assert g["group_counts"].dims[0].keys() == ["group"] and g["group_counts"].dims[1].keys() == ["feature"]
          print("whole")
      """, [run])
    #expect(said.contains("whole"))
    let copy = tiny.folder.file("copy.h5")
    #expect(try clearbox(["export", run, "--format", "run", "-o", copy]).status == 0)
    #expect(try RunReader(copy).description.featureGroups == nil)
  }

  @Test("a run without tables by feature says so")
  func without() throws {
    let folder = TemporaryFolder()
    try FabricatedRun().write(to: folder.file("a.h5"))
    let result = try clearbox(["features", folder.file("a.h5")])
    #expect(result.status == 2 && result.errors.contains("no tables by feature"), "\(result.errors)")
  }
}
