/// How much was measured, and how it is looked at.
extension RunDescription {
  public struct Budget: Codable, Sendable, Equatable {
    /// Tokens asked for; measured are the first batch boundary at or after it.
    public var headline: Int
    /// Ascending token counts at which stabilization looks, each rounded up to a batch boundary.
    public var snapshots: [Int]
    /// Experiments whose numbers stand on a count of their own, rounded up to a chunk boundary; sorted by name.
    public var counts: [Count]

    public struct Count: Codable, Sendable, Equatable {
      public var experiment: String
      public var tokens: Int
      public init(experiment: String, tokens: Int) {
        self.experiment = experiment
        self.tokens = tokens
      }
    }

    public init(headline: Int, snapshots: [Int], counts: [Count] = []) {
      self.headline = headline
      self.snapshots = snapshots
      self.counts = counts
    }

    public init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      headline = try container.decode(Int.self, forKey: .headline)
      snapshots = try container.decode([Int].self, forKey: .snapshots)
      // Where the key is absent, one count serves everything: so it is in files of before the key existed.
      counts = try container.decodeIfPresent([Count].self, forKey: .counts) ?? []
    }

    public func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(headline, forKey: .headline)
      try container.encode(snapshots, forKey: .snapshots)
      if !counts.isEmpty { try container.encode(counts, forKey: .counts) }
    }

    private enum CodingKeys: String, CodingKey { case headline, snapshots, counts }
  }

  public struct Strata: Codable, Sendable, Equatable {
    /// A token is "first" when its position in the chunk is below this number, or when it is BOS.
    public var firstPositions: Int
    /// A token is massive when its baseline residual norm exceeds this multiple of the median norm.
    public var massiveMultiple: Double
    /// Median of ‖x‖ over the first batch of the baseline; nil without an experiment that reads the residual stream.
    public var medianNorm: Double?

    public init(
      firstPositions: Int, massiveMultiple: Double, medianNorm: Double? = nil
    ) {
      self.firstPositions = firstPositions
      self.massiveMultiple = massiveMultiple
      self.medianNorm = medianNorm
    }
  }

  /// What was measured again, every condition alike.
  public struct Reruns: Codable, Sendable, Equatable {
    /// Whole batches, spread evenly over the stream.
    public var batches: Int
    /// Of the order of summation.
    public var seed: UInt64
    /// In those batches.
    public var tokens: Int
    /// Documents with a token in those batches.
    public var documents: Int

    public init(batches: Int, seed: UInt64, tokens: Int, documents: Int) {
      self.batches = batches
      self.seed = seed
      self.tokens = tokens
      self.documents = documents
    }
  }

  /// The tokens of every branch: of every condition with a changed residual stream.
  public struct Branches: Codable, Sendable, Equatable {
    /// Whole batches, spread evenly over the stream after its first.
    public var batches: Int
    /// In those batches.
    public var tokens: Int
    /// Documents with a token in those batches.
    public var documents: Int

    public init(batches: Int, tokens: Int, documents: Int) {
      (self.batches, self.tokens, self.documents) = (batches, tokens, documents)
    }
  }

  public struct Bootstrap: Codable, Sendable, Equatable {
    public var replicates: Int
    /// Confidence level, e.g. 0.95.
    public var level: Double

    public init(
      replicates: Int, level: Double
    ) {
      self.replicates = replicates
      self.level = level
    }
  }
}
