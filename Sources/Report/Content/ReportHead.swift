import Analysis
import RunFile
import Words

/// What stands over a report: what was measured, and when.
extension ReportBuilder {
  var subtitle: String {
    func layer(_ model: ReportModel) -> String {
      "\(model.description.model.layer) (counted from 0) of \(model.description.model.layerCount)"
    }
    func sample(_ model: ReportModel) -> String {
      """
      \(model.description.conditions.map(\.name).joined(separator: ", ")); \
      \(NumberText.integer(model.findings.measured.tokens)) tokens
      """
    }
    let samples = distinct(sample)
    guard areSeveral, samples.count == 1 else {
      return models.map { model in
        let place = model.description.model.layer < 0 ? "" : ", residual stream after layer \(layer(model))"
        return "\(model.name)\(place); \(sample(model))"
      }.joined(separator: "; ")
    }
    return "\(modelNames), residual stream after layers \(models.map(layer).listed); \(samples[0]) each"
  }

  var dateline: String {
    distinct { model in
      let provenance = model.description.provenance
      let date = Self.date(provenance.finishTime ?? provenance.startTime)
      if let origin = model.description.origin {
        let day = date == RunDescription.notRecorded ? "" : ", measured on \(date)"
        return "Imported from \(origin.file)\(day); clearbox \(provenance.clearboxVersion)"
      }
      return
        "Measured on \(date) with clearbox \(provenance.clearboxVersion), commit \(provenance.commit.prefix(7))\(provenance.commit.hasSuffix("+") ? "+" : "")"
    }.joined(separator: "; ")
  }

  /// "1 March 2026" from "2026-03-01T10:11:42Z"; as it stands where it has another form.
  static func date(_ iso: String) -> String {
    let months = [
      "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
      "December",
    ]
    let parts = iso.prefix(10).split(separator: "-").compactMap { Int($0) }
    guard parts.count == 3, months.indices.contains(parts[1] - 1) else { return iso }
    return "\(parts[2]) \(months[parts[1] - 1]) \(parts[0])"
  }
}
