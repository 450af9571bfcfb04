import Analysis
import RunFile
import Words

/// Features as the command lists them.
public enum FeatureList {
  /// Those with the lowest correlation first; one whose correlation cannot be computed before all.
  public static func lines(
    _ findings: FeatureFindings, worst: Int, _ all: Findings, _ page: NeuronpediaPage?
  ) throws -> [String] {
    let table = findings.table
    func correlation(_ feature: Int) -> Double {
      table.correlation[feature].isNaN ? -2 : Double(table.correlation[feature])
    }
    let sum = table.countReference.indices.reduce(0.0) { $0 + findings.energy($1) }
    let reference = all.reference(of: findings.pair.condition)?.name ?? ""
    var lines = [
      "\(findings.pair.name) against \(reference): \(NumberText.integer(findings.judged.count)) features fire on at least "
        + "\(FeatureFindings.fewestTokens) of \(NumberText.integer(table.shares.tokens)) ordinary tokens", "",
      [
        "feature".padded(7), "r".padded(9), "±".padded(7), "r where active".padded(17), "fires".padded(8),
        "then".padded(7),
        "energy".padded(9),
      ].joined() + (page == nil ? "" : "   page"),
    ]
    let order = findings.judged.sorted { (correlation($0), $0) < (correlation($1), $1) }
    for feature in order.prefix(max(0, worst)) {
      let energy = sum > 0 ? findings.energy(feature) / sum * 100 : 0
      var line = [
        String(feature).padded(7), try r(table.correlation[feature]).padded(9),
        try r(table.correlationError[feature]).padded(7), try r(table.correlationActive[feature]).padded(17),
        NumberText.integer(Int(table.countReference[feature])).padded(8),
        NumberText.integer(Int(table.countCondition[feature])).padded(7),
        (try NumberText.fixed(energy, decimals: 2) + "%").padded(9),
      ].joined()
      if let page { line += "   " + page.address(of: feature) }
      lines.append(line)
    }
    return lines
  }

  /// Every judged feature, in order of its index.
  public static func csv(_ findings: FeatureFindings, _ page: NeuronpediaPage?) throws -> String {
    let columns = FeatureTableColumns.all
    var lines = [
      (["feature"] + columns.map(\.name) + ["energy"] + (page == nil ? [] : ["page"])).joined(separator: ",")
    ]
    for feature in findings.judged {
      let values = columns.map { $0.value(findings.table, feature) } + ["\(findings.energy(feature))"]
      lines.append(
        (["\(feature)"] + values + (page.map { [$0.address(of: feature)] } ?? [])).joined(separator: ","))
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func r(_ value: Float) throws -> String {
    value.isNaN ? "–" : try NumberText.fixed(Double(value), decimals: 3)
  }
}

/// The columns of a table by feature as texts; empty where nothing could be computed.
enum FeatureTableColumns {
  static let all: [(name: String, value: @Sendable (FeatureTable, Int) -> String)] = [
    ("count_reference", { "\($0.countReference[$1])" }), ("count_condition", { "\($0.countCondition[$1])" }),
    ("count_both", { "\($0.countBoth[$1])" }), ("r", { text($0.correlation[$1]) }),
    ("r_error", { text($0.correlationError[$1]) }), ("r_active", { text($0.correlationActive[$1]) }),
    ("r_active_error", { text($0.correlationActiveError[$1]) }), ("slope", { slope($0, $1) }),
    ("mean_active_reference", { mean($0.sumReference[$1], $0.countReference[$1]) }),
    ("mean_active_condition", { mean($0.sumCondition[$1], $0.countCondition[$1]) }),
    ("peak_reference", { "\($0.peakReference[$1])" }), ("peak_condition", { "\($0.peakCondition[$1])" }),
    ("decoder_norm", { "\($0.decoderNorm[$1])" }),
  ]

  private static func text(_ value: Float) -> String { value.isNaN ? "" : "\(value)" }
  private static func mean(_ sum: Double, _ count: Int32) -> String { count > 0 ? "\(sum / Double(count))" : "" }

  /// Of b on a, by least squares over ordinary tokens.
  private static func slope(_ table: FeatureTable, _ feature: Int) -> String {
    let n = Double(table.shares.tokens)
    let (a, b) = (table.sumReference[feature], table.sumCondition[feature])
    let variance = table.squareReference[feature] - a * a / n
    return variance > 0 ? "\((table.product[feature] - a * b / n) / variance)" : ""
  }
}

/// The page of a feature in Neuronpedia, for the SAEs that it shows: Gemma Scope 2's of the middle layer, as SAELens lists
/// them.
public struct NeuronpediaPage: Sendable {
  private let source: String

  /// Nil for any other SAE.
  public init?(_ description: RunDescription) {
    guard let sae = description.sae, sae.format == "Gemma Scope 2",
      let place = sae.name.firstMatch(of: /^layer_(\d+)_width_(16k|65k|262k)_l0_medium$/)
    else { return nil }
    let known = ["gemma-3-4b": "17", "gemma-3-12b": "24"]
    guard let model = known.first(where: { description.model.name.hasPrefix($0.key) && $0.value == place.1 })?.key,
      place.2 == "16k"
    else { return nil }
    source = "https://www.neuronpedia.org/\(model)/\(place.1)-gemmascope-2-res-\(place.2)"
  }

  public func address(of feature: Int) -> String { "\(source)/\(feature)" }
}

extension String {
  fileprivate func padded(_ width: Int) -> String { String(repeating: " ", count: max(0, width - count)) + self }
}
