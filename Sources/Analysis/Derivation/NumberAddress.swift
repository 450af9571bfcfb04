/// What the id of a number names: `fvu@1/nf4/all/percent`, `cross_entropy@1/int8/source/law`, `fvu@1/bf16/all/first-6144`.
public struct NumberAddress: Sendable, Equatable {
  /// Id and version.
  public var metric: String
  public var condition: String
  public var tokens: Tokens
  public var quantity: Quantity

  public enum Tokens: Sendable, Equatable {
    case stratum(Stratum)
    /// All tokens of a text source.
    case source(String)
    /// The first so many tokens of the run.
    case first(Int, Stratum)
  }

  public enum Quantity: String, Sendable, Equatable, CaseIterable {
    case value
    /// Condition minus baseline, in the metric's unit, and in percent of the baseline.
    case change, percent
  }

  public init(metric: String, condition: String, tokens: Tokens, quantity: Quantity = .value) {
    self.metric = metric
    self.condition = condition
    self.tokens = tokens
    self.quantity = quantity
  }

  /// Nil for what is no id. A source's name may hold slashes.
  public init?(_ id: String) {
    var parts = id.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard parts.count >= 3, Metric.all.contains(where: { $0.id == parts[0] }) else { return nil }
    var quantity = Quantity.value
    if let last = parts.last, let own = Quantity(rawValue: last), own != .value, parts.count > 3 {
      quantity = own
      parts.removeLast()
    }
    let tokens: Tokens
    if parts[2] == "source", parts.count > 3 {
      tokens = .source(parts[3...].joined(separator: "/"))
    } else if let stratum = Stratum(rawValue: parts[2]) {
      switch parts.count {
      case 3: tokens = .stratum(stratum)
      case 4:
        guard parts[3].hasPrefix("first-"), let count = Int(parts[3].dropFirst(6)), count > 0 else { return nil }
        tokens = .first(count, stratum)
      default: return nil
      }
    } else {
      return nil
    }
    self.init(metric: parts[0], condition: parts[1], tokens: tokens, quantity: quantity)
  }

  public var id: String {
    let place =
      switch tokens {
      case .stratum(let stratum): stratum.rawValue
      case .source(let name): "source/\(name)"
      case .first(let count, let stratum): "\(stratum.rawValue)/first-\(count)"
      }
    return "\(metric)/\(condition)/\(place)" + (quantity == .value ? "" : "/\(quantity.rawValue)")
  }
}
