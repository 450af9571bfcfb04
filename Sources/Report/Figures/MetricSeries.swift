import Analysis
import Measures
import Plot

/// A metric over a stratum, as a figure shows it: with its name in the figure and its style.
struct MetricSeries {
  let metric: Metric
  let stratum: Stratum
  let name: String
  let style: MarkStyle

  init(_ metric: Metric, _ stratum: Stratum, _ name: String, _ style: MarkStyle) {
    self.metric = metric
    self.stratum = stratum
    self.name = name
    self.style = style
  }

  func finding(_ model: StudyModel, _ condition: String) -> Finding? {
    model.findings.finding(metric, condition: condition, stratum: stratum)
  }
}
