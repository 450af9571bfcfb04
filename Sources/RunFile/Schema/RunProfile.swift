import Foundation

/// Where the time of a run went: kept when the run was asked for it, beside the other things that change from day to day.
public struct RunProfile: Codable, Sendable, Equatable {
  /// Tokens that were measured meanwhile: the run's, or what was left of them when it resumed.
  public var tokens: Int
  public var threads: Int
  /// Wall time of those tokens' blocks.
  public var wallSeconds: Double
  /// Processor time of the process meanwhile: less than the stages' time where other processes took the cores.
  public var processorSeconds: Double
  /// From the program's start, or the end of the model before, to the first block.
  public var startSeconds: Double
  /// In the order of the pass; what is left of threads × wall comes last, as waiting.
  public var entries: [Entry]
  /// Every shape of matrix product that ran, largest share of the work first.
  public var products: [Product]

  /// What one stage of the pass took.
  public struct Entry: Codable, Sendable, Equatable {
    public var stage: String
    /// "product", or another part that is told apart within the stage; nil for the rest of it.
    public var part: String?
    /// Nil for what all conditions share.
    public var condition: String?
    /// Of all threads together.
    public var seconds: Double
    /// Of its matrix products.
    public var multiplyAdds: Double
    /// What its matrix products would take, on all threads together, at the best rates in `products`.
    public var secondsAtBest: Double

    public init(
      stage: String, part: String?, condition: String?, seconds: Double, multiplyAdds: Double, secondsAtBest: Double
    ) {
      self.stage = stage
      self.part = part
      self.condition = condition
      self.seconds = seconds
      self.multiplyAdds = multiplyAdds
      self.secondsAtBest = secondsAtBest
    }
  }

  /// [rows, depth] times [depth, columns].
  public struct Product: Codable, Sendable, Equatable {
    /// "bf16", "f32" or "int8".
    public var precision: String
    public var rows: Int
    public var columns: Int
    public var depth: Int
    public var count: Int
    /// What one takes on a thread at best, while all threads do the same.
    public var secondsAtBest: Double

    public init(precision: String, rows: Int, columns: Int, depth: Int, count: Int, secondsAtBest: Double) {
      self.precision = precision
      self.rows = rows
      self.columns = columns
      self.depth = depth
      self.count = count
      self.secondsAtBest = secondsAtBest
    }

    public var multiplyAdds: Double { Double(rows) * Double(columns) * Double(depth) }
  }

  public init(
    tokens: Int, threads: Int, wallSeconds: Double, processorSeconds: Double, startSeconds: Double, entries: [Entry],
    products: [Product]
  ) {
    self.tokens = tokens
    self.threads = threads
    self.wallSeconds = wallSeconds
    self.processorSeconds = processorSeconds
    self.startSeconds = startSeconds
    self.entries = entries
    self.products = products
  }
}

extension RunProfile {
  /// As a run file keeps it: JSON with sorted keys.
  var json: String? { (try? sortedJSON(isIndented: false)).map { String(decoding: $0, as: UTF8.self) } }

  /// Nil for what this version does not understand: no run becomes unreadable by its timing.
  static func stored(json: String) -> RunProfile? {
    try? JSONDecoder().decode(RunProfile.self, from: Data(json.utf8))
  }
}
