import Analysis
import Words

extension Document {
  /// Facts that templates may name in every document that tells of runs; different values as a list, "17 and 24".
  static func facts(of all: [Findings]) -> [String: String] {
    func each(_ text: (Findings) -> String) -> String { all.map(text).distinct.listed }
    let baselines = all.map { $0.baseline?.name ?? "" }
    return [
      "model": each(\.description.model.name), "layer": each { String($0.description.model.layer) },
      "study": each(\.description.study), "corpus": each(\.description.corpus.name),
      "tokens": each { NumberText.integer($0.measured.tokens) },
      "chunks": each { NumberText.integer($0.measured.chunks) },
      "baseline": baselines.distinct.listed,
      "conditions": (baselines + all.flatMap { $0.compressed.map(\.name) }).distinct.listed,
      "version": each(\.description.provenance.clearboxVersion), "commit": each(\.description.provenance.commit),
    ]
  }
}
