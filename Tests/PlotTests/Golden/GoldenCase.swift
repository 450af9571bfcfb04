import FabricatedFindings
import Words

@testable import Plot
@testable import Report

/// A figure as a reader may meet it: a kind, made of a variant's findings, on a ground, at a width.
struct GoldenCase {
  let kind: StudyFigure
  let variant: Variant
  let theme: Theme
  let column: Column

  struct Variant {
    let name: String
    let models: [Fabricated]
    /// Whether the dark ground is looked at too.
    var isOnBothGrounds = false
  }

  enum Column: String, CaseIterable {
    case double, single

    var width: Points { self == .double ? .doubleColumn : .singleColumn }
  }

  /// What comes of it: a drawing with its pixels, or the words of who has no figure to show.
  enum Outcome {
    case drawn(DrawList, Picture)
    case refused(String)
  }

  /// `fvu-three-light-double`, the golden file's name without its ending.
  var name: String { "\(kind.key)-\(variant.name)-\(theme.name)-\(column.rawValue)" }

  static let variants: [Variant] = [
    Variant(name: "three", models: [Fabricated()], isOnBothGrounds: true),
    Variant(name: "two-models", models: Fabricated.article),
    Variant(name: "four-models", models: .four),
    Variant(name: "twenty", models: [.twenty]),
    Variant(name: "long-names", models: [.longNames]),
    Variant(name: "one-point", models: [.onePoint]),
    Variant(name: "without-intervals", models: [.withoutIntervals]),
  ]

  private static let features = Variant(name: "features", models: [.withFeatures], isOnBothGrounds: true)

  /// Every kind of figure that there is, in every variant, in both columns.
  static var all: [GoldenCase] {
    StudyFigure.all.flatMap { kind in
      (variants + (kind.key.hasPrefix("feature") ? [features] : [])).flatMap { variant in
        (variant.isOnBothGrounds ? [Theme.light, .dark] : [.light]).flatMap { theme in
          Column.allCases.map { GoldenCase(kind: kind, variant: variant, theme: theme, column: $0) }
        }
      }
    }
  }

  /// - Throws: what is no error of the findings, e.g. a font file that is missing.
  func outcome(_ renderer: FigureRenderer) throws -> Outcome {
    do {
      switch try kind.outcome(of: variant.models.map(\.findings)) {
      case .absent(let reason): return .refused("absent: \(reason)")
      case .figure(let figure):
        let list = try figure.drawing(width: column.width, fonts: renderer.fonts)
        let bytes = try renderer.png(figure, theme: theme, width: column.width, pixelRatio: 1)
        return .drawn(list, try Picture(png: bytes))
      }
    } catch let error where error is PlotError || error is NumberError || error is ReportError {
      return .refused("error: \(error)")
    }
  }
}
