import CCurl
import Foundation

/// Status line and headers of an answer.
struct HTTPHead: Sendable {
  var status = 0
  /// By lower-case name; of several with one name, the last.
  var headers: [String: String] = [:]
}

/// The transfer itself failed: no complete answer came.
struct TransferFailure: Error {
  let reason: String
  /// False where another attempt would end the same way.
  let mayPass: Bool
}

/// A connection to a machine of this network was refused here.
struct NearAddressRefused: Error {}

/// Gets one address at a time, over connections that stay open in between.
///
/// The body is handed on as it comes, and no more is read from the network until that returns: a transfer of any
/// length needs one buffer. Redirects are not followed here.
final class HTTPConnection {
  typealias Receiver = (HTTPHead, UnsafeRawBufferPointer) throws -> Void

  /// Whether the last transfer opened a connection to a machine of this network.
  private(set) var wentNear = false
  private let handle: UnsafeMutableRawPointer
  private let isNear: @Sendable (UnsafePointer<sockaddr>, Int) -> Bool
  private static let isReady = ccurl_global_init_default() == CURLE_OK

  /// - Parameter isNear: which addresses are of this network.
  /// - Throws: `HubError.noTransfers`.
  init(
    isNear: @escaping @Sendable (UnsafePointer<sockaddr>, Int) -> Bool = { NearAddress.contains($0, length: $1) }
  ) throws {
    self.isNear = isNear
    guard Self.isReady, let handle = curl_easy_init() else { throw HubError.noTransfers }
    self.handle = handle
  }

  deinit { curl_easy_cleanup(handle) }

  /// - Parameters:
  ///   - headers: whole lines, "Name: value".
  ///   - idleSeconds: how long nothing may come before the transfer counts as failed.
  ///   - mayGoNear: whether a connection may be opened to a machine of this network.
  ///   - receive: takes the body piece by piece; what it throws ends the transfer and is thrown on.
  /// - Throws: `TransferFailure`, `NearAddressRefused`.
  func get(
    _ address: WebAddress, headers: [String], idleSeconds: Int, mayGoNear: Bool, receive: @escaping Receiver
  ) throws -> HTTPHead {
    // Resetting keeps open connections.
    curl_easy_reset(handle)
    let exchange = Exchange(isNear: isNear, mayGoNear: mayGoNear, receive)
    let context = Unmanaged.passUnretained(exchange).toOpaque()
    var list: UnsafeMutablePointer<curl_slist>?
    for line in headers { list = curl_slist_append(list, line) }
    defer { curl_slist_free_all(list) }

    ccurl_set_text(handle, CURLOPT_URL, address.text)
    ccurl_set_list(handle, CURLOPT_HTTPHEADER, list)
    ccurl_set_text(handle, CURLOPT_PROTOCOLS_STR, "http,https")
    ccurl_set_number(handle, CURLOPT_FOLLOWLOCATION, 0)
    ccurl_set_number(handle, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
    ccurl_set_number(handle, CURLOPT_CONNECTTIMEOUT, idleSeconds)
    ccurl_set_number(handle, CURLOPT_LOW_SPEED_LIMIT, 1)
    ccurl_set_number(handle, CURLOPT_LOW_SPEED_TIME, idleSeconds)
    ccurl_set_number(handle, CURLOPT_BUFFERSIZE, Self.bufferBytes)
    ccurl_set_receiver(handle, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
      guard let bytes, let context else { return 0 }
      let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
      Unmanaged<Exchange>.fromOpaque(context).takeUnretainedValue().take(headerLine: line)
      return line.count
    }
    ccurl_set_context(handle, CURLOPT_HEADERDATA, context)
    ccurl_set_receiver(handle, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
      guard let bytes, let context else { return 0 }
      let body = UnsafeRawBufferPointer(start: bytes, count: size * count)
      return Unmanaged<Exchange>.fromOpaque(context).takeUnretainedValue().take(body: body) ? body.count : 0
    }
    ccurl_set_context(handle, CURLOPT_WRITEDATA, context)

    // The address that a name leads to is looked at where it is used: no other name can slip in between.
    ccurl_set_opener(handle) { context, _, address in
      guard let context, let address else { return -1 }
      let exchange = Unmanaged<Exchange>.fromOpaque(context).takeUnretainedValue()
      guard exchange.mayOpen(address) else { return -1 }
      let target = address.pointee
      return socket(target.family, target.socktype | Int32(SOCK_CLOEXEC.rawValue), target.protocol)
    }
    ccurl_set_context(handle, CURLOPT_OPENSOCKETDATA, context)

    let code = withExtendedLifetime(exchange) { curl_easy_perform(handle) }
    wentNear = exchange.wentNear
    if let failure = exchange.failure { throw failure }
    if code != CURLE_OK, exchange.wasRefused { throw NearAddressRefused() }
    guard code == CURLE_OK else {
      throw TransferFailure(
        reason: Self.reason(code, idleSeconds: idleSeconds), mayPass: !Self.final.contains(code.rawValue))
    }
    return exchange.head
  }

  private static let bufferBytes = 1 << 18

  /// Certificates and addresses do not get better by waiting.
  private static let final: Set<UInt32> = Set(
    [CURLE_UNSUPPORTED_PROTOCOL, CURLE_URL_MALFORMAT, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE]
      .map(\.rawValue))

  private static func reason(_ code: CURLcode, idleSeconds: Int) -> String {
    switch code {
    case CURLE_OPERATION_TIMEDOUT: "nothing came for \(idleSeconds) seconds"
    case CURLE_PARTIAL_FILE, CURLE_RECV_ERROR, CURLE_GOT_NOTHING: "the connection was dropped"
    default: String(cString: curl_easy_strerror(code))
    }
  }

  /// What the callbacks of one transfer share.
  private final class Exchange {
    var head = HTTPHead()
    var failure: (any Error)?
    private(set) var wentNear = false
    private(set) var wasRefused = false
    private let isNear: (UnsafePointer<sockaddr>, Int) -> Bool
    private let mayGoNear: Bool
    private let receive: Receiver

    init(isNear: @escaping (UnsafePointer<sockaddr>, Int) -> Bool, mayGoNear: Bool, _ receive: @escaping Receiver) {
      (self.isNear, self.mayGoNear, self.receive) = (isNear, mayGoNear, receive)
    }

    func mayOpen(_ target: UnsafeMutablePointer<curl_sockaddr>) -> Bool {
      let length = Int(target.pointee.addrlen)
      let goesNear = withUnsafePointer(to: &target.pointee.addr) { self.isNear($0, length) }
      if goesNear { if mayGoNear { wentNear = true } else { wasRefused = true } }
      return mayGoNear || !goesNear
    }

    func take(headerLine: UnsafeRawBufferPointer) {
      let line = String(decoding: headerLine, as: UTF8.self)
      if line.hasPrefix("HTTP/") {
        // An interim answer (100) may have come before.
        head = HTTPHead(status: line.split(separator: " ").dropFirst().first.flatMap { Int($0.prefix(3)) } ?? 0)
      } else if let colon = line.firstIndex(of: ":") {
        let value = line[line.index(after: colon)...]
        head.headers[line[..<colon].lowercased()] = String(
          value.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
      }
    }

    func take(body: UnsafeRawBufferPointer) -> Bool {
      do {
        try receive(head, body)
        return true
      } catch {
        failure = error
        return false
      }
    }
  }
}
