import Analysis

extension StudyFigures {
  static func encoding(_ findings: Findings) throws(PlotError) -> Outcome {
    return .absent(reason: "")
  }
}
