/// A kind of predictions that numbers are given for too: those of one text source, of one quarter of the baseline's
/// entropy, at some positions, of tokens in one script.
///
/// Source and entropy are those of the token at which a prediction is made, position and script those of the token that it
/// predicts. A bucket explores: no verdict rests on it.
public struct Bucket: Sendable, Hashable {
  public enum Kind: String, Sendable, CaseIterable { case source, entropy, position, script }

  public var kind: Kind
  /// Of a source its label, else one of the names that its kind has.
  public var name: String

  public init(_ kind: Kind, _ name: String) {
    self.kind = kind
    self.name = name
  }

  /// As addresses have it: `source/law`, `entropy/q1`, `position/16-63`, `script/latin`.
  public var id: String { "\(kind.rawValue)/\(name)" }

  /// In words.
  public var title: String {
    switch kind {
    case .source: "source \(name)"
    case .entropy:
      "\(["q1": "lowest", "q2": "second", "q3": "third", "q4": "highest"][name] ?? name) quarter of the baseline’s entropy"
    case .position: name.hasSuffix("-up") ? "positions from \(name.dropLast(3))" : "positions \(name)"
    case .script: TokenScript(rawValue: name)?.title ?? name
    }
  }
}

extension Bucket {
  /// From the surest quarter of predictions up.
  static let quarters = ["q1", "q2", "q3", "q4"]
  /// Positions of the token that is predicted, from 0.
  static let positions: [(name: String, first: Int)] = [("1-15", 1), ("16-63", 16), ("64-255", 64), ("256-up", 256)]
}
