import Foundation

/// A Hub on loopback for one test: `hub_server.py`, with the faults that the test asks for.
///
/// Nothing changes after the start, so that threads may share it. The interpreter is `CLEARBOX_PYTHON`, else Debian's
/// `/usr/bin/python3`; only its standard library is used.
public final class HubServer: @unchecked Sendable {
  /// Value for HF_ENDPOINT.
  public let endpoint: String
  /// Start of the content server's addresses: another host.
  public let content: String
  /// Folder for the test's cache; gone when the server is.
  public let folder: String
  private let process = Process()
  private let input = Pipe()
  private var log: String { folder + "/requests.jsonl" }

  /// Accepted by the server's gated and private repositories.
  public static let token = "hf_good"

  public struct Failure: Error { public var description: String }

  /// One request as the server saw it.
  public struct Request: Decodable, Sendable {
    /// "hub" or "content".
    public var server: String
    public var path: String
    public var host: String?
    public var range: String?
    public var authorization: String?
  }

  /// - Parameters:
  ///   - faults: JSON objects as `hub_server.py` documents them.
  ///   - folders: more repositories: "models/owner/name=/folder".
  public init(faults: [String] = [], folders: [String] = []) throws {
    var template = Array((NSTemporaryDirectory() + "clearbox-hub-XXXXXX").utf8CString)
    folder = template.withUnsafeMutableBufferPointer { String(cString: mkdtemp($0.baseAddress!)) }
    let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("hub_server.py")
    let interpreter = ProcessInfo.processInfo.environment["CLEARBOX_PYTHON"] ?? "/usr/bin/python3"
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: interpreter)
    process.arguments =
      ["-I", "-S", script.path, folder + "/requests.jsonl", "[\(faults.joined(separator: ","))]"] + folders
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    var line = Data()
    while !line.contains(UInt8(ascii: "\n")) {
      let more = output.fileHandleForReading.availableData
      guard !more.isEmpty else { throw Failure(description: "\(interpreter) \(script.path) did not start") }
      line += more
    }
    let ports = String(decoding: line, as: UTF8.self).split(whereSeparator: \.isWhitespace)
    endpoint = "http://127.0.0.1:\(ports[0])"
    content = "http://localhost:\(ports[1])"
  }

  deinit {
    // The server ends when its input does.
    try? input.fileHandleForWriting.close()
    process.waitUntilExit()
    try? FileManager.default.removeItem(atPath: folder)
  }

  public func requests() throws -> [Request] {
    let text = try String(contentsOfFile: log, encoding: .utf8)
    return try text.split(separator: "\n").map { try JSONDecoder().decode(Request.self, from: Data($0.utf8)) }
  }

  /// Environment variables for a process, or settings, that use this Hub and a cache in `folder`.
  public func environment(token: String? = nil, cache: String = "cache") -> [String: String] {
    var variables = [
      "HF_ENDPOINT": endpoint, "HF_HOME": folder + "/home", "HF_HUB_CACHE": "\(folder)/\(cache)", "HOME": folder,
      // A proxy of the machine is not to see loopback.
      "NO_PROXY": "127.0.0.1,localhost", "no_proxy": "127.0.0.1,localhost",
    ]
    variables["HF_TOKEN"] = token
    return variables
  }
}
