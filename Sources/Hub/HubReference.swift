import Foundation

/// A repository on the Hub.
public struct HubRepository: Hashable, Sendable, CustomStringConvertible {
  public enum Kind: String, Sendable { case model, dataset }

  public let kind: Kind
  /// "owner/name".
  public let name: String

  /// "owner/name", or "datasets/owner/name": the path of its page, and the start of its files' addresses.
  public var description: String { kind == .model ? name : "datasets/\(name)" }

  /// Its folder in the cache: "models--owner--name".
  var folderName: String { "\(kind.rawValue)s--" + name.replacing("/", with: "--") }

  /// Its path in the Hub's API: "models/owner/name".
  var pathInAPI: String { "\(kind.rawValue)s/\(name)" }
}

/// A place on the Hub: `hf://owner/name[@revision][/path]`, or `hf://datasets/owner/name[@revision][/path]`.
///
/// The grammar is that of huggingface_hub's `parse_hf_uri`, less spaces, kernels, buckets and web addresses: a slash in
/// a revision is written `%2F`, but for `refs/pr/<n>` and `refs/convert/<name>`.
public struct HubReference: Hashable, Sendable, CustomStringConvertible {
  public let repository: HubRepository
  /// A branch, a tag, or a commit; "main" where none is written.
  public let revision: String
  /// A file or folder in the repository, without slashes at its ends; empty for the whole.
  public let path: String

  public static let scheme = "hf://"

  public static func isWritten(in text: String) -> Bool { text.hasPrefix(scheme) }

  /// - Throws: `HubReferenceError`.
  public init(_ text: String) throws {
    func wrong(_ needed: String) -> HubReferenceError { HubReferenceError(text: text, needed: needed) }

    guard text.hasPrefix(Self.scheme) else { throw wrong("a reference starts with \(Self.scheme)") }
    var rest = text.dropFirst(Self.scheme.count)
    let first = String(rest.prefix { $0 != "/" })
    var kind = HubRepository.Kind.model
    switch first {
    case "models", "datasets":
      kind = first == "models" ? .model : .dataset
      rest = rest.dropFirst(first.count + 1)
    case "model", "dataset": throw wrong("the kind of a repository is plural: \(Self.scheme)\(first)s/owner/name")
    case "spaces", "kernels", "buckets", "space", "kernel", "bucket":
      throw wrong("models and data sets can be fetched, \(first) cannot")
    default: break
    }
    rest = rest.trimming("/")

    let name: Substring
    let revision: Substring?
    let path: Substring
    // An @ further to the right belongs to a file's name.
    if let at = rest.firstIndex(of: "@"), rest[..<at].count(where: { $0 == "/" }) <= 1 {
      name = rest[..<at]
      let right = rest[rest.index(after: at)...]
      let special = right.prefixMatch(of: #/refs/(?:convert/[\w.\-]+|pr/[0-9]+)/#)?.output
      let written = special ?? right.prefix { $0 != "/" }
      revision = written
      path = right[written.endIndex...].dropFirst()
    } else {
      let parts = rest.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count >= 2 else { throw wrong("owner and name are needed: \(Self.scheme)owner/name") }
      name = rest[parts[0].startIndex..<parts[1].endIndex]
      revision = nil
      path = parts.count > 2 ? parts[2] : ""
    }

    guard Self.isName(name) else {
      throw wrong("a repository is owner/name, of letters, digits, '-', '_' and '.'")
    }
    repository = HubRepository(kind: kind, name: String(name))
    guard let decoded = revision.map({ String($0).removingPercentEncoding }) ?? "main", Self.isSafePath(decoded) else {
      throw wrong("after '@' comes a branch, a tag or a commit")
    }
    self.revision = decoded
    guard path.isEmpty || Self.isSafePath(path) else {
      throw wrong("a path inside a repository has no empty parts, no '.' and no '..'")
    }
    self.path = String(path)
  }

  /// As it would be written; "@main" is left out.
  public var description: String {
    let special = revision.wholeMatch(of: #/refs/(?:convert/[\w.\-]+|pr/[0-9]+)/#) != nil
    let written = special ? revision : revision.replacing("%", with: "%25").replacing("/", with: "%2F")
    return Self.scheme + repository.description + (revision == "main" ? "" : "@\(written)")
      + (path.isEmpty ? "" : "/\(path)")
  }

  /// The revision as a commit in full, which never changes; nil for a branch, a tag, or a commit cut short.
  var commit: String? { Self.isCommit(revision) ? revision : nil }

  static func isCommit(_ text: some StringProtocol) -> Bool { text.count == 40 && isHexadecimal(text) }

  static func isHexadecimal(_ text: some StringProtocol) -> Bool {
    text.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
  }

  /// True for a relative path that stays below the folder it starts from: the names that repositories give to files
  /// become paths on this machine.
  static func isSafePath(_ text: some StringProtocol) -> Bool {
    text.split(separator: "/", omittingEmptySubsequences: false).allSatisfy {
      !$0.isEmpty && $0 != "." && $0 != ".."
    } && !text.utf8.contains { $0 < 32 || $0 == 127 || $0 == 92 }
  }

  private static func isName(_ text: Substring) -> Bool {
    // \b of huggingface_hub's pattern: both ends are letters, digits or '_'.
    text.wholeMatch(
      of: #/[A-Za-z0-9_](?:[A-Za-z0-9_.\-]{0,94}[A-Za-z0-9_])?\/[A-Za-z0-9_](?:[A-Za-z0-9_.\-]{0,94}[A-Za-z0-9_])?/#)
      != nil && !text.contains("--") && !text.contains("..") && !text.hasSuffix(".git")
  }
}

/// A reference that does not follow the grammar.
public struct HubReferenceError: Error, Equatable, Sendable, CustomStringConvertible {
  public let text: String
  /// What to write instead, without a full stop.
  public let needed: String

  public var description: String { "\(text): \(needed)." }
}

extension Substring {
  fileprivate func trimming(_ character: Character) -> Substring {
    var text = drop { $0 == character }
    while text.last == character { text.removeLast() }
    return text
  }
}
