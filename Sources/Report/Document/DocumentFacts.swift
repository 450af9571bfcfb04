import Analysis
import Words

extension Document {
  /// Facts that templates may name in every document that tells of runs; different values as a list, "17 and 24".
  static func facts(of all: [Findings]) -> [String: String] {
    func list(_ values: [String]) -> String {
      var different: [String] = []
      for value in values where !different.contains(value) { different.append(value) }
      return different.listed
    }
    func each(_ text: (Findings) -> String) -> String { list(all.map(text)) }
    let baselines = all.map { $0.baseline?.name ?? "" }
    return [
      "model": each(\.description.model.name), "layer": each { String($0.description.model.layer) },
      "study": each(\.description.study), "corpus": each(\.description.corpus.name),
      "tokens": each { NumberText.integer($0.measured.tokens) },
      "chunks": each { NumberText.integer($0.measured.chunks) },
      "baseline": list(baselines), "conditions": list(baselines + all.flatMap { $0.compressed.map(\.name) }),
      "version": each(\.description.provenance.clearboxVersion), "commit": each(\.description.provenance.commit),
    ]
  }
}
