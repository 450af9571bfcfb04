import Foundation

/// Asks the Hub: requests with the token where it belongs, redirects followed, answers told apart.
final class HubClient {
  private let settings: HubSettings
  private let endpoint: WebAddress
  private let idleSeconds: Int
  private let connection: HTTPConnection
  /// Whether the Hub itself, or the proxy on the way to it, is a machine of this network.
  private var isNear = false

  private static let redirectLimit = 8
  private static let errorPageLimit = 1 << 20
  private static let listingLimit = 1 << 28

  init(_ settings: HubSettings, idleSeconds: Int, connection: HTTPConnection? = nil) throws {
    guard let endpoint = WebAddress(settings.endpoint) else { throw HubError.badEndpoint(settings.endpoint) }
    self.settings = settings
    self.endpoint = endpoint
    self.idleSeconds = idleSeconds
    self.connection = try connection ?? HTTPConnection()
  }

  // MARK: Requests

  /// The files of a repository at a revision.
  /// - Throws: `HubError`; `Transient` for what another attempt may mend.
  func listing(of repository: HubRepository, at revision: String) throws -> HubListing {
    let address =
      "\(settings.endpoint)/api/\(repository.pathInAPI)/revision/\(Self.encoded(revision, keeping: ""))?blobs=true"
    let question = Question(repository: repository, revision: revision, path: nil)
    var answer = Data()
    _ = try get(address, from: 0, question) { _, bytes in
      answer.append(contentsOf: bytes)
      guard answer.count <= Self.listingLimit else {
        throw HubError.notAListing(address: address, problem: "it is longer than any listing")
      }
    }
    return try HubListing(json: answer, address: address)
  }

  /// The content of a file from a byte on; whether the server began there, the head says (status 206).
  func content(
    of file: HubFile, in repository: HubRepository, at commit: String, from offset: Int,
    receive: @escaping HTTPConnection.Receiver
  ) throws {
    let address =
      "\(settings.endpoint)/\(repository)/resolve/\(commit)/\(Self.encoded(file.path, keeping: "/"))"
    _ = try get(address, from: offset, Question(repository: repository, revision: commit, path: file.path), receive)
  }

  /// What was asked, for messages.
  private struct Question {
    var repository: HubRepository
    var revision: String
    var path: String?

    var subject: String { path.map { "\(repository)/\($0)" } ?? "\(repository)" }
  }

  private func get(
    _ text: String, from offset: Int, _ question: Question, _ receive: @escaping HTTPConnection.Receiver
  ) throws -> HTTPHead {
    guard var address = WebAddress(text) else { throw HubError.badEndpoint(settings.endpoint) }
    for _ in 0...Self.redirectLimit {
      // Not compressed: lengths and ranges are the file's own.
      var headers = ["User-Agent: clearbox", "Accept-Encoding: identity"]
      if offset > 0 { headers.append("Range: bytes=\(offset)-") }
      // The token is the endpoint's: no other scheme, host or port ever sees it.
      if let token = settings.token, address.origin == endpoint.origin { headers.append(token.header) }
      var unwanted = 0
      let head: HTTPHead
      do {
        let isHub = address.host == endpoint.host
        defer { if isHub, connection.wentNear { isNear = true } }
        head = try connection.get(
          address, headers: headers, idleSeconds: idleSeconds, mayGoNear: isHub || isNear
        ) { head, bytes in
          if head.status == 200 || head.status == 206 { return try receive(head, bytes) }
          unwanted += bytes.count
          if unwanted > Self.errorPageLimit { throw TransferFailure(reason: "an endless error page", mayPass: false) }
        }
      } catch is NearAddressRefused {
        throw HubError.strayRedirect(
          subject: question.subject, problem: "into this machine's own network (\(address.host))")
      } catch let failure as TransferFailure {
        let reason = address.host == endpoint.host ? failure.reason : "\(failure.reason) (\(address.host))"
        guard failure.mayPass else {
          throw HubError.unreachable(subject: question.subject, reason: reason, attempts: 1)
        }
        throw Transient(reason: reason)
      }
      switch head.status {
      case 200, 206: return head
      case 301, 302, 303, 307, 308:
        guard let next = head.headers["location"].flatMap({ WebAddress($0, relativeTo: address) }) else {
          throw HubError.strayRedirect(subject: question.subject, problem: "not to an address of http or https")
        }
        guard next.isSecure || !address.isSecure else {
          throw HubError.strayRedirect(subject: question.subject, problem: "from https to http (\(next.host))")
        }
        address = next
      default: throw failure(head, question, sentToken: address.origin == endpoint.origin)
      }
    }
    throw HubError.strayRedirect(subject: question.subject, problem: "in a circle, or too often")
  }

  // MARK: Answers

  /// What an answer that is no success means; the codes are those that huggingface_hub's `hf_raise_for_status` reads.
  private func failure(_ head: HTTPHead, _ question: Question, sentToken: Bool) -> any Error {
    let hasToken = settings.token != nil && sentToken
    let message = clean(head.headers["x-error-message"] ?? "")
    switch head.headers["x-error-code"] {
    case "GatedRepo":
      return HubError.gated(page: "\(settings.endpoint)/\(question.repository)", hasToken: hasToken)
    case "RepoNotFound":
      return HubError.noRepository(question.repository, endpoint: settings.endpoint, hasToken: hasToken)
    case "RevisionNotFound": return HubError.noRevision(question.repository, revision: question.revision)
    case "EntryNotFound":
      return HubError.noFile(question.repository, path: question.path ?? "", commit: question.revision)
    default: break
    }
    switch head.status {
    case 401 where hasToken && message.hasPrefix("Invalid credentials"):
      return HubError.tokenRefused(endpoint: settings.endpoint)
    // To those who are not known, the Hub does not tell whether a private repository exists.
    case 401 where sentToken, 404 where question.path == nil:
      return HubError.noRepository(question.repository, endpoint: settings.endpoint, hasToken: hasToken)
    case 408, 500, 502, 503, 504, 429:
      return Transient(
        reason: head.status == 429
          ? "the server says there were too many requests" : "the server answered with status \(head.status)",
        requestedPause: requestedPause(head))
    default:
      return HubError.refused(subject: question.subject, status: head.status, message: message)
    }
  }

  /// Retry-After, in seconds or as a date; else the Hub's own RateLimit: `"api";r=0;t=55`.
  private func requestedPause(_ head: HTTPHead) -> Double? {
    if let text = head.headers["retry-after"] {
      if let seconds = Double(text), seconds >= 0 { return seconds }
      let format = DateFormatter()
      format.locale = Locale(identifier: "en_US_POSIX")
      format.timeZone = TimeZone(identifier: "GMT")
      format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss zzz"
      return format.date(from: text).map { max(0, $0.timeIntervalSinceNow) }
    }
    guard head.status == 429, let match = head.headers["ratelimit"]?.firstMatch(of: #/;\s*t=([0-9]+)/#) else {
      return nil
    }
    return Double(match.output.1)
  }

  /// A server's text for a terminal: one line, no control characters, no token.
  private func clean(_ text: String) -> String {
    let plain = String(text.unicodeScalars.filter { $0.value >= 32 && $0.value != 127 }.prefix(300).map(Character.init))
    return settings.token?.removed(from: plain) ?? plain
  }

  /// Percent-encoded as one part of an address.
  private static func encoded(_ text: String, keeping extra: String) -> String {
    let plain = CharacterSet(
      charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~" + extra)
    return text.addingPercentEncoding(withAllowedCharacters: plain) ?? text
  }
}
