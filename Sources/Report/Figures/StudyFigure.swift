import Analysis
import Foundation
import Plot

/// A figure of the study, made from runs alone. It shows every model of the report: small multiples with shared axes, one
/// model's alone where there is one. Each belongs to the section that shows it.
public struct StudyFigure: Sendable, Hashable {
  /// Names it for the command, its files and its anchor: `noise-floor`.
  public let key: String
  private let draw: @Sendable ([StudyModel]) throws -> Outcome

  init(_ key: String, draw: @escaping @Sendable ([StudyModel]) throws -> Outcome) {
    self.key = key
    self.draw = draw
  }

  public static func == (a: StudyFigure, b: StudyFigure) -> Bool { a.key == b.key }
  public func hash(into hasher: inout Hasher) { hasher.combine(key) }

  /// In the order in which a report shows them.
  public static var all: [StudyFigure] { ReportSections.all.flatMap { $0.figures } }

  /// A figure, or why the runs have none of this kind.
  public enum Outcome: Sendable {
    case figure(Figure)
    case absent(reason: String)
  }

  /// - Parameter all: one per model, in the report's order. A model that did not measure what the figure shows is left
  ///   out of it.
  /// - Throws: `NumberError` and `PlotError` for findings that no figure can show, such as NaN; `ReportError` for two
  ///   models of one name. A measure that was not taken is no error.
  public func outcome(of all: [Findings]) throws -> Outcome {
    var names: Set<String> = []
    for findings in all where !names.insert(findings.description.model.name).inserted {
      throw ReportError.sameModelTwice(findings.description.model.name)
    }
    let unknown = all.first { $0.description.conditions.contains { $0.effectiveBitsPerParameter == 0 } }
    if let unknown, unknown.description.origin != nil {
      return .absent(reason: "The bits per parameter of \(unknown.description.model.name) are not recorded.")
    }
    let outcome = try draw(try StudyModel.all(of: all))
    guard case .figure(var figure) = outcome else { return outcome }
    figure.source = all.map(Self.source).joined(separator: "; ")
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
    if let origin = description.origin {
      parts.append("imported file SHA-256 \(origin.sha256)")
    } else {
      parts += [
        "checkpoint SHA-256 \(description.model.checkpointSHA256)",
        "tokens SHA-256 \(description.corpus.tokenStreamSHA256)",
        "measured with clearbox \(description.provenance.clearboxVersion)",
      ]
    }
    return parts.joined(separator: ", ")
  }
}
