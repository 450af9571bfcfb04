import Foundation

/// Where the Hub and its cache are, and who asks: read from the environment variables that huggingface_hub reads.
public struct HubSettings: Sendable {
  /// Without a slash at its end.
  public let endpoint: String
  /// Folder of the cache.
  public let cache: HubCache
  /// No request may leave the machine.
  public let isOffline: Bool
  let token: HubToken?

  /// The Hub's address unless HF_ENDPOINT names another.
  public static let publicEndpoint = "https://huggingface.co"

  /// - Throws: `HubError` when HF_ENDPOINT is no address, or the token no token.
  public init(environment: [String: String] = ProcessInfo.processInfo.environment) throws {
    func value(_ names: String...) -> String? { names.lazy.compactMap { environment[$0] }.first { !$0.isEmpty } }
    func isTrue(_ name: String) -> Bool { ["1", "ON", "YES", "TRUE"].contains(environment[name]?.uppercased()) }

    var address = value("HF_ENDPOINT") ?? Self.publicEndpoint
    while address.hasSuffix("/") { address.removeLast() }
    guard WebAddress(address) != nil else {
      // What stands before an @ may be a password.
      throw HubError.badEndpoint(address.contains("@") ? "an address with a user" : address)
    }
    endpoint = address
    cache = HubCache(environment: environment)
    isOffline = isTrue("HF_HUB_OFFLINE") || isTrue("TRANSFORMERS_OFFLINE")

    if let text = value("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN") {
      token = try HubToken(text, from: "HF_TOKEN")
    } else if !isTrue("HF_HUB_DISABLE_IMPLICIT_TOKEN") {
      let file = Self.tokenFile(environment)
      token = try (try? String(contentsOfFile: file, encoding: .utf8)).flatMap { try HubToken($0, from: file) }
    } else {
      token = nil
    }
  }

  /// HF_TOKEN_PATH, else `token` in HF_HOME.
  static func tokenFile(_ environment: [String: String]) -> String {
    guard let path = environment["HF_TOKEN_PATH"], !path.isEmpty else { return HubCache.home(environment) + "/token" }
    return HubCache.expanding(path, environment)
  }
}

/// A secret: it goes into a request's header, and nowhere else.
struct HubToken: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  private let text: String

  /// Nil for an empty one.
  init?(_ text: String, from place: String) throws {
    let trimmed = text.trimmingCharacters(in: .whitespacesAndNewlines)
    guard !trimmed.isEmpty else { return nil }
    // Anything else could end the header and begin another.
    guard trimmed.utf8.allSatisfy({ (33...126).contains($0) }) else { throw HubError.badTokenText(place: place) }
    self.text = trimmed
  }

  var header: String { "Authorization: Bearer \(text)" }

  /// `message` without the token, should a server send it back.
  func removed(from message: String) -> String { message.replacing(text, with: "…") }

  var description: String { "a token" }
  var debugDescription: String { description }
  var customMirror: Mirror { Mirror(self, children: [:]) }
}
