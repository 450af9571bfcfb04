/// What verifying found, in the order in which it looked.
public struct Verification: Sendable, Equatable, Encodable {
  /// What was looked at.
  public enum Step: String, Sendable, Encodable, CaseIterable {
    /// The files against the manifest.
    case manifest
    case signature
    /// The run files' content against the hashes of it.
    case runs
    /// Everything rendered anew, against what lies there.
    case rendering
    /// What was measured, where it is on this machine.
    case inputs
  }

  public enum Outcome: String, Sendable, Encodable {
    case same
    case differs
    /// Should be there and is not.
    case missing
    /// Lies in the folder, and no manifest knows it.
    case unlisted
    /// Is not on this machine, and need not be.
    case absent
    /// Could not be checked, or was not asked for.
    case unchecked
    /// Explains, and judges nothing.
    case note

    public var isFailure: Bool { [.differs, .missing, .unlisted].contains(self) }
  }

  public struct Entry: Sendable, Equatable, Encodable {
    public var step: Step
    /// A file's path in the folder, a run file's, or what else it is about.
    public var subject: String
    public var outcome: Outcome
    /// Lines for people.
    public var details: [String]

    public init(_ step: Step, _ subject: String, _ outcome: Outcome, _ details: [String] = []) {
      self.step = step
      self.subject = subject
      self.outcome = outcome
      self.details = details
    }
  }

  public var entries: [Entry] = []

  public init() {}

  public mutating func add(_ step: Step, _ subject: String, _ outcome: Outcome, _ details: [String] = []) {
    entries.append(Entry(step, subject, outcome, details))
  }

  /// True when nothing differs, is missing, or lies there unlisted.
  public var isGood: Bool { !entries.contains { $0.outcome.isFailure } }
  public func entries(of step: Step) -> [Entry] { entries.filter { $0.step == step } }
}
