import Analysis
import Foundation
import Plot
import Words

/// The figures of the study, in the order in which a report shows them. Each shows every model of the report: small
/// multiples with shared axes, one model's alone where there is one.
public enum StudyFigures {
  public enum Kind: String, CaseIterable, Sendable {
    case encoding, performance, sources, fvu, tradeoff, variance, noiseFloor = "noise-floor", stabilization
  }

  /// A figure, or why the runs have none of this kind.
  public enum Outcome: Sendable {
    case figure(Figure)
    case absent(reason: String)
  }

  /// - Parameter all: one per model, in the report's order. A model that did not measure what the figure shows is left
  ///   out of it.
  /// - Throws: `PlotError` for findings that no figure can show, such as NaN. A measure that was not taken is no error.
  public static func make(_ kind: Kind, from all: [Findings]) throws -> Outcome {
    var names: Set<String> = []
    for findings in all where !names.insert(findings.description.model.name).inserted {
      throw ReportError.sameModelTwice(findings.description.model.name)
    }
    let unknown = all.first { $0.description.conditions.contains { $0.effectiveBitsPerParameter == 0 } }
    if let unknown, unknown.description.origin != nil {
      return .absent(reason: "The bits per parameter of \(unknown.description.model.name) are not recorded.")
    }
    let models = try StudyModel.all(of: all)
    let outcome =
      switch kind {
      case .encoding: try encoding(models)
      case .performance: try performance(models)
      case .sources: try sources(models)
      case .fvu: try fvu(models)
      case .tradeoff: try tradeoff(models)
      case .variance: try variance(models)
      case .noiseFloor: try noiseFloor(models)
      case .stabilization: try stabilization(models)
      }
    guard case .figure(var figure) = outcome else { return outcome }
    figure.source = all.map(source).joined(separator: "; ")
    return .figure(figure)
  }

  /// A renderer for figures of these runs.
  ///
  /// - Parameters:
  ///   - fonts: folder with `Inter-*.otf`.
  ///   - date: ISO 8601 in UTC for the files' metadata; nil takes the first run's finish time, or its start.
  public static func renderer(of all: [Findings], fonts: URL, date: String? = nil) throws -> FigureRenderer {
    guard let provenance = all.first?.description.provenance else { throw PlotError.noData(place: "figures") }
    return FigureRenderer(
      fonts: try FontFamily(folder: fonts), date: date ?? provenance.finishTime ?? provenance.startTime,
      creator: "clearbox \(provenance.clearboxVersion)")
  }

  /// The run that a figure was made from, as its files' metadata name it.
  private static func source(_ findings: Findings) -> String {
    let description = findings.description
    var parts = ["study \(description.study)", "model \(description.model.name)"]
    if let origin = description.origin { parts.append("imported file SHA-256 \(origin.sha256)") } else {
      parts += [
        "checkpoint SHA-256 \(description.model.checkpointSHA256)",
        "tokens SHA-256 \(description.corpus.tokenStreamSHA256)",
        "measured with clearbox \(description.provenance.clearboxVersion)",
      ]
    }
    return parts.joined(separator: ", ")
  }

  /// An estimate in three columns: value, interval's low end, its high end; dashes for what is not defined.
  static func cells(
    _ estimate: Estimate?, decimals: Int, signed: Bool = false
  ) throws -> [DataTable.Cell] {
    var cells: [DataTable.Cell] = []
    for value in [estimate?.value, estimate?.interval?.low, estimate?.interval?.high] {
      guard let value else {
        cells.append(.none)
        continue
      }
      let shown =
        signed ? try NumberText.signed(value, decimals: decimals) : try NumberText.fixed(value, decimals: decimals)
      cells.append(.number(value, shown: shown))
    }
    return cells
  }

  /// The same for a change in percent, with the digits of its own interval.
  static func percentCells(_ percent: Estimate?, _ formats: NumberFormats) throws -> [DataTable.Cell] {
    try cells(percent, decimals: percent.map { formats.percentDecimals($0) } ?? 1, signed: true)
  }

  /// "FVU (article's form), all tokens".
  static func name(_ metric: Metric, _ stratum: Stratum) -> String { "\(metric.name.typeset), \(stratum.title)" }
}

extension Stratum {
  /// In words.
  public var title: String {
    switch self {
    case .all: "all tokens"
    case .withoutFirst: "without first positions"
    case .withoutMassive: "without massive tokens"
    case .ordinary: "ordinary tokens"
    }
  }
}
