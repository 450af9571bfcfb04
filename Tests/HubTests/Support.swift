import Foundation
import HubServer

@testable import Hub

/// Waits are noted instead of waited; nothing here takes longer than a second.
final class Clock: @unchecked Sendable {
  private let lock = NSLock()
  private var noted: [Double] = []

  var pauses: [Double] { lock.withLock { noted } }

  var patience: Patience {
    var patience = Patience()
    patience.attempts = 4
    patience.idleSeconds = 5
    patience.sleep = { seconds in
      self.lock.withLock { self.noted.append(seconds) }
      // Other processes and threads get their turn.
      Thread.sleep(forTimeInterval: 0.002)
    }
    return patience
  }
}

extension HubServer {
  /// Fetches references with a cache in the server's folder.
  @discardableResult
  func fetch(
    _ requests: [HubRequest], token: String? = nil, cache: String = "cache", clock: Clock = Clock(),
    patience: Patience? = nil, tell: (HubFetch.Event) -> Void = { _ in }
  ) throws -> [ResolvedReference] {
    let fetch = try HubFetch(
      HubSettings(environment: environment(token: token, cache: cache)), patience: patience ?? clock.patience)
    return try fetch.download(try fetch.plan(requests, tell: tell), tell: tell)
  }

  @discardableResult
  func fetch(
    _ reference: String, for use: HubUse, token: String? = nil, clock: Clock = Clock(), patience: Patience? = nil,
    tell: (HubFetch.Event) -> Void = { _ in }
  ) throws -> ResolvedReference {
    try fetch(
      [HubRequest(HubReference(reference), for: use)], token: token, clock: clock, patience: patience, tell: tell)[0]
  }

  /// Paths of content requests, small files and large.
  func downloads() throws -> [Request] {
    try requests().filter { $0.server == "content" || $0.path.hasPrefix("/api/resolve-cache/") }
  }
}

/// What a call complains of, in words; nil if it does not.
func complaint(_ body: () throws -> Void) -> String? {
  do {
    try body()
    return nil
  } catch {
    return "\(error)"
  }
}

/// Every file and link below a folder, as `tools/golden/hub.py` lists them: size and SHA-256, or the link's target.
func tree(_ folder: String) throws -> [String: [String: String]] {
  var found: [String: [String: String]] = [:]
  for path in try FileManager.default.subpathsOfDirectory(atPath: folder) {
    guard !path.hasPrefix(".locks"), path != ".locks" else { continue }
    let full = folder + "/" + path
    if let target = try? FileManager.default.destinationOfSymbolicLink(atPath: full) {
      found[path] = ["link": target]
      continue
    }
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: full, isDirectory: &isFolder), !isFolder.boolValue else { continue }
    let content = try Data(contentsOf: URL(fileURLWithPath: full))
    found[path] = ["size": "\(content.count)", "sha256": sha256(content)]
  }
  return found
}

func golden<Value: Decodable>(_ name: String, as type: Value.Type = Value.self) throws -> Value {
  let path = Bundle.module.bundlePath + "/Goldens/" + name
  return try JSONDecoder().decode(Value.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
}
