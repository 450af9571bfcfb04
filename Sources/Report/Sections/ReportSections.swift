/// The sections of a report, in its order. This list is the only one: keys for templates and for an author's text, figures
/// and their order follow from it.
enum ReportSections {
  static var all: [any ReportSection.Type] {
    [
      SummarySection.self, QuestionSection.self, MethodologySection.self, TestsSection.self, ResultsSection.self,
      PerformanceSection.self, CurveSection.self, TokensSection.self, ReconstructionSection.self, SpliceSection.self,
      MassiveSection.self, NoiseFloorSection.self, FeaturesSection.self, StabilizationSection.self,
      PublishedSection.self, ConclusionSection.self, LimitationsSection.self, ReproductionSection.self,
      AppendixSection.self,
    ]
  }
}

extension Section.Key {
  /// Those of a report on runs, in its order.
  package static var ofReport: [Section.Key] { ReportSections.all.map { $0.key } }
}
