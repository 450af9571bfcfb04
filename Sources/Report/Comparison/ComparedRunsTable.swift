import Analysis
import Words

/// Which runs A and B are.
struct ComparedRunsTable {
  let comparison: RunComparison

  /// A table per model; none where the comparison has no model.
  var blocks: [Block] {
    comparison.models.enumerated().compactMap { index, model in
      guard model.runs.count == 2 else { return nil }
      let rows: [(name: String, value: (RunIdentity) -> String)] = [
        ("file", \.file), ("study", \.study), ("model", \.model), ("date", \.date),
        ("tokens", { NumberText.integer($0.tokens) }), ("machine", \.machine), ("kernels", \.kernels),
        ("clearbox", { "\($0.clearbox), commit \($0.commit.prefix(12))" }),
      ]
      return .table(
        TableBlock(
          key: "runs" + (index == 0 ? "" : "-\(index + 1)"), caption: "Which runs A and B are.",
          columns: [.init("run"), .init("A"), .init("B")],
          rows: rows.map { row in [Prose(row.name)] + model.runs.map { Prose(row.value($0)) } }))
    }
  }
}
