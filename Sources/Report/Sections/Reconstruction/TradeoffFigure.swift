import Analysis
import Measures
import Plot
import Words

extension StudyFigure {
  static let tradeoff = StudyFigure("tradeoff", draw: TradeoffFigure.draw)
}

enum TradeoffFigure {
  /// Accuracy against interpretability: each condition's change of cross-entropy and its change of FVU, in one point.
  static func draw(_ all: [StudyModel]) throws -> StudyFigure.Outcome {
    let forms = [Metric.fvu, .fvuArticle]
    // All tokens last, so that their filled marks lie above open ones.
    let strata = [Stratum.ordinary, .all]
    func changes(_ model: StudyModel, _ form: Metric, _ stratum: Stratum, _ condition: String) -> (Estimate, Estimate)?
    {
      guard let accuracy = model.findings.finding(.crossEntropy, condition: condition)?.percentChange,
        let fvu = model.findings.finding(form, condition: condition, stratum: stratum)?.percentChange
      else { return nil }
      return (accuracy, fvu)
    }
    func measured(_ model: StudyModel, _ form: Metric) -> Bool {
      strata.contains { stratum in
        model.conditions.compressed.contains { changes(model, form, stratum, $0.name) != nil }
      }
    }
    let models = all.filter { model in forms.contains { measured(model, $0) } }
    let present = forms.filter { form in models.contains { measured($0, form) } }
    guard !models.isEmpty else {
      return .absent(
        reason:
          "The run has no condition with both a change of cross-entropy and one of FVU, so there is no figure of them.")
    }
    let baseline = models.baseline()
    // Names beside the filled points where those are few and short; else above the panels. Open ones share colour and
    // shape with the filled one of their condition.
    let conditions = models.compressed
    let areNamed = conditions.count <= 3 && conditions.allSatisfy { $0.name.count <= 16 }
    var reached: (x: [Double], y: [Double]) = ([0], [0])
    var panels: [Panel] = []
    for model in models {
      for form in present {
        var marks: [Mark] = []
        for stratum in strata {
          for entry in model.conditions.compressed {
            guard let (accuracy, fvu) = changes(model, form, stratum, entry.name) else { continue }
            reached.x += accuracy.reach
            reached.y += fvu.reach
            let style = stratum == .all ? entry.style : entry.style.hollow
            let series = "\(entry.name), \(stratum.title)"
            marks += cross(accuracy, fvu, style, series: series, text: areNamed && stratum == .all ? entry.name : nil)
          }
        }
        panels.append(
          Panel(
            title: models.title(model, form.id == Metric.fvu.id ? "Textbook form" : "Article’s form"),
            x: Axis("Change of cross-entropy", unit: "% of \(baseline)", .linear(fromZero: false)),
            y: Axis("Change of FVU", unit: "% of \(baseline)", .linear(fromZero: false)), marks: marks, height: 132))
      }
    }
    func sentence(_ model: StudyModel) throws -> Prose {
      try model.conditions.compressed.compactMap { entry -> Prose? in
        var parts: [Prose] = []
        for form in present {
          for stratum in Stratum.allCases.filter(strata.contains) {
            guard changes(model, form, stratum, entry.name) != nil,
              let accuracy = try model.numbers.percentWithInterval(.crossEntropy, entry.name),
              let fvu = try model.numbers.percentWithInterval(form, entry.name, stratum)
            else { continue }
            if parts.isEmpty { parts.append("cross-entropy \(accuracy)") }
            parts.append("\(form.title(over: stratum)) \(fvu)")
          }
        }
        return parts.isEmpty ? nil : "\(entry.name): \(parts.prose(separator: "; "))"
      }.prose(separator: ". ")
    }
    func rows(_ model: StudyModel) throws -> [[DataTable.Cell]] {
      var rows: [[DataTable.Cell]] = []
      for form in present {
        for stratum in strata {
          for entry in model.conditions.compressed {
            guard let (accuracy, fvu) = changes(model, form, stratum, entry.name) else { continue }
            let changes =
              try DataTable.Cell.percent(accuracy, model.formats) + DataTable.Cell.percent(fvu, model.formats)
            rows.append([.text(entry.name), .text(form.title(over: stratum))] + changes)
          }
        }
      }
      return rows
    }
    // All panels stand on the same axes, with lines at no change.
    for index in panels.indices {
      panels[index].x.including = reached.x
      panels[index].y.including = reached.y
      let still = MarkStyle(.reference, dash: [3, 2])
      panels[index].marks =
        [
          Mark(.horizontalRule(0), still, series: baseline), Mark(.verticalRule(0), still, series: baseline),
        ] + panels[index].marks
    }
    return .figure(
      Figure(
        key: StudyFigure.tradeoff.key, title: "What each condition costs in predictions and in reconstruction",
        caption: """
          Change of FVU against change of cross-entropy, on all tokens (filled) and on ordinary ones (open). Right: predictions \
          get worse; up: the autoencoder misses a larger share. \
          \(models.onIntervals("Bars: paired \(try models.level()) intervals by \(models.unit)."))\
          \(models.notMeasured { model, name in forms.contains { form in strata.contains { changes(model, form, $0, name) != nil } } }) \
          \(try models.sample()).
          """,
        altText: "Scatter plot, a point per condition. \(try models.told(sentence)).",
        table: try models.table(
          words: ["condition", "definition"],
          numbers: [
            "change of cross-entropy (%)", "interval low (%)", "interval high (%)", "change of FVU (%)",
            "change low (%)", "change high (%)",
          ], rows: rows),
        content: .panels(
          panels, columns: present.count,
          key: (areNamed ? [] : conditions.map { DirectLabel($0.name, at: 0, $0.style) }) + [
            DirectLabel(Stratum.all.title, at: 0, MarkStyle(.reference, .square)),
            DirectLabel(Stratum.ordinary.title, at: 0, MarkStyle(.reference, .square, isHollow: true)),
          ])))
  }

  /// A point with an interval along each axis, and words beside it.
  private static func cross(_ x: Estimate, _ y: Estimate, _ style: MarkStyle, series: String, text: String?) -> [Mark] {
    var marks: [Mark] = []
    if let interval = x.interval {
      marks.append(
        Mark(
          .horizontalIntervals([Extent(at: y.value, low: interval.low, high: interval.high)]), style, series: series))
    }
    marks += .vertical(y.value, y.interval, at: x.value, dodge: 0, style, series: series, text: text)
    return marks
  }
}
