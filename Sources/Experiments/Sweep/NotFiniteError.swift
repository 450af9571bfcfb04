import RunFile

/// Something overflowed while a run was measured: NaN or an infinity where a number must be. What was measured before is
/// whole, and kept.
public struct NotFiniteError: Error, CustomStringConvertible, Sendable, Equatable {
  public enum Place: Sendable, Equatable {
    /// The residual stream after a decoder layer.
    case residual(layer: Int)
    case column(String)
  }

  public var place: Place
  public var condition: String
  /// Counted from the run's first.
  public var chunk: Int
  /// Folder of the blocks that were finished before; nil where there are none.
  public var kept: String?

  public var description: String {
    let what =
      switch place {
      case .residual(let layer): "the residual stream after layer \(layer) is not finite"
      case .column(let name): "\(name) is not finite"
      }
    let kept =
      self.kept.map {
        "\nWhat was measured before is whole, and kept in \($0): 'clearbox render' makes a report of it."
      } ?? ""
    return "condition \(condition), chunk \(chunk): \(what) (NaN or an infinity).\n"
      + "The model's numbers overflow on this text under this condition, so no mean over it would be right. "
      + "Leave the condition out, \(chunk > 0 ? "end the text before that chunk (--tokens), " : "")or use another checkpoint."
      + kept
  }
}
