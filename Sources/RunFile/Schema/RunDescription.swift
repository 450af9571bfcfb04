/// Everything that is known about a run besides its arrays: what was measured, on what, how and by whom.
///
/// Stored whole as JSON in the run file's root attribute `description`, and in parts as plain attributes, so that a
/// reader without this type finds its way.
public struct RunDescription: Codable, Sendable, Equatable {
  /// The study's title, as its author wrote it.
  public var title: String
  /// The study file's name without its extension; names the output folder.
  public var study: String
  /// The study file, character for character.
  public var studyText: String
  /// The study as it was understood, defaults filled in, in the order of docs/study-file.md: `packing.length` → `512`,
  /// `conditions.nf4.block` → `64`. Nil in older run files, and where there was no study.
  public var studyKeys: [Parameter]?
  public var model: Model
  /// Nil when no experiment of the study needs a sparse autoencoder.
  public var sae: SAE?
  public var corpus: Corpus
  /// In the study's order; exactly one is the baseline, and it comes first.
  public var conditions: [Condition]
  /// The same conditions again, in another order of summation; nil without reruns.
  public var rerunConditions: [Condition]?
  /// What was measured again; nil without reruns.
  public var reruns: Reruns?
  /// Of which pairs the run has a table by feature; nil where no experiment compares features.
  public var featurePairs: [FeaturePair]?
  /// In how many groups of documents sums by feature are kept; nil where the run file has totals alone.
  public var featureGroups: Int?
  /// What branches went on with; nil without branches.
  public var branches: Branches?
  /// Names of the experiments that ran, in the study's order.
  public var experiments: [String]
  public var budget: Budget
  public var strata: Strata
  public var bootstrap: Bootstrap
  public var seed: UInt64
  /// Where what was fetched came from; nil when everything was given as a file.
  public var fetched: [Fetched]?
  public var provenance: Provenance
  /// Where the numbers come from when clearbox did not measure them; nil when it did.
  public var origin: Origin?
  /// What was rounded in a copy for publishing; nil in a run as it was measured.
  public var rounded: Rounded?
  /// What says in the columns that nothing was measured, where every other NaN is an accident; nil in older run files and
  /// in those of others, where any NaN says it.
  public var missing: MissingBits?

  /// What a text says that an imported run cannot know; numbers that are not known are 0 there, a layer is -1.
  public static let notRecorded = "not recorded"

  public init(
    title: String, study: String, studyText: String, studyKeys: [Parameter]? = nil, model: Model, sae: SAE? = nil,
    corpus: Corpus, conditions: [Condition], experiments: [String], budget: Budget, strata: Strata,
    bootstrap: Bootstrap, seed: UInt64, fetched: [Fetched]? = nil, provenance: Provenance, origin: Origin? = nil
  ) {
    self.title = title
    self.study = study
    self.studyText = studyText
    self.studyKeys = studyKeys
    self.model = model
    self.sae = sae
    self.corpus = corpus
    self.conditions = conditions
    self.experiments = experiments
    self.budget = budget
    self.strata = strata
    self.bootstrap = bootstrap
    self.seed = seed
    self.fetched = fetched
    self.provenance = provenance
    self.origin = origin
  }

  public struct Parameter: Codable, Sendable, Equatable {
    public var key: String
    public var value: String
    public init(key: String, value: String) {
      self.key = key
      self.value = value
    }
  }
}
