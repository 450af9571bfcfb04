import RunFile
import Words

/// What a report says of numbers that clearbox did not measure.
extension ReportBuilder {
  /// Where they come from, and what that means for what is concluded; nil for a run that clearbox measured.
  func importedSentences(_ model: ReportModel) -> Prose? {
    guard let origin = model.description.origin else { return nil }
    let start: Prose = "clearbox did not measure these numbers: they come from \(origin.file)"
    switch origin.format {
    case .articleJSON:
      return start
        + """
        , which gives values alone. There are no intervals, so changes are stated and not judged, and the noise floor is \
        to be read with care.
        """
    case .runFile:
      return start + ", a run file of another program. Everything below is computed from its raw measurements."
    }
  }
}
