import Analysis

/// The figures of the study, in the order in which a report shows them.
public enum StudyFigures {
  public enum Kind: String, CaseIterable, Sendable {
    case encoding, performance, fvu, noiseFloor = "noise-floor", stabilization
  }

  /// A figure, or why the run has none of this kind.
  public enum Outcome: Sendable {
    case figure(Figure)
    case absent(reason: String)
  }

  /// - Throws: `PlotError` for findings that no figure can show, such as NaN. A measure that was not taken is no error.
  public static func make(_ kind: Kind, from findings: Findings) throws(PlotError) -> Outcome {
    switch kind {
    case .encoding: try encoding(findings)
    case .performance: try performance(findings)
    case .fvu: try fvu(findings)
    case .noiseFloor: try noiseFloor(findings)
    case .stabilization: try stabilization(findings)
    }
  }

  /// "95 %" as a word for captions.
  static func level(_ findings: Findings) throws(PlotError) -> String {
    let percent = findings.description.bootstrap.level * 100
    let decimals = percent == percent.rounded() ? 0 : 1
    return try NumberText.fixed(percent, decimals: decimals, of: "confidence level") + "%"
  }

  /// "50,176 tokens in 98 chunks".
  static func sample(_ findings: Findings) -> String {
    "\(NumberText.integer(findings.measured.tokens)) tokens in \(NumberText.integer(findings.measured.chunks)) chunks"
  }

  static func model(_ findings: Findings) -> String {
    "\(findings.description.model.name), residual stream after layer \(findings.description.model.layer)"
  }
}
