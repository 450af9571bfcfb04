extension Measure {
  /// Validation: whether the FVU depends on how many tokens were measured. It measures nothing of its own, and takes
  /// both forms of FVU over growing parts of the run.
  public static let stabilization: Measure = {
    var measure = Measure(
      experiment: "stabilization", title: "Stabilization",
      about: "Both forms of FVU over the first tokens of the run, up to growing counts.")
    measure.requires = ["sae"]
    measure.snapshots = [(.fvuArticle, [.all, .ordinary]), (.fvu, [.all, .ordinary])]
    let (difference, share) = (0.0001, 0.01)
    measure.rules = [
      VerdictRule(
        id: "fvu_stable@1", question: .fvuStable,
        statement: "Stable when the article's FVU over all tokens differs between the last two snapshots by at most "
          + "\(difference), the article's own agreement, or by at most 1 % of the last value where that is more "
          + "(the article's difference is absolute, and FVUs of other models have other sizes); otherwise unstable. "
          + "Needs two snapshots at different counts.",
        thresholds: [
          .init(name: "absolute difference", value: difference, unit: "1"),
          .init(name: "difference as a share of the last value", value: share, unit: "1"),
        ],
        judgement: .settled(.fvuArticle, .all, difference: difference, share: share)),
      VerdictRule(
        id: "fvu_change_stable@1", question: .fvuChangeStable,
        statement:
          "The paired change of the article's FVU over all tokens, in percent of the reference, at the last two "
          + "snapshots: stable when they differ by at most a tenth of the last one, or a tenth of the margin of 1 % "
          + "where that is more; otherwise unstable.",
        thresholds: [.init(name: "share of the last change or of the margin", value: 0.1, unit: "1")],
        judgement: .settledChange(.fvuArticle, .all, share: 0.1)),
    ]
    return measure
  }()
}

extension VerdictRule.Question {
  /// Has the article's FVU settled between the last two counts?
  public static let fvuStable = Self("fvuStable")
  /// Has its change against the reference?
  public static let fvuChangeStable = Self("fvuChangeStable")
}
