import Foundation
import HubServer
import Testing

@testable import Hub

@Suite("Downloads when the network and the server misbehave") struct FaultTests {
  static let weights = "hf://acme/tiny/model-00001-of-00002.safetensors"

  func isWhole(_ place: ResolvedReference) throws -> Bool {
    let blob = URL(fileURLWithPath: place.path).resolvingSymlinksInPath()
    return sha256(try Data(contentsOf: blob)) == blob.lastPathComponent
  }

  private func leftovers(_ server: HubServer) -> [String] {
    ((try? FileManager.default.subpathsOfDirectory(atPath: server.folder + "/cache")) ?? [])
      .filter { $0.hasSuffix(".incomplete") || $0.hasSuffix(".tmp") }
  }

  // MARK: Connections

  @Test func `a dropped connection goes on where it stopped`() throws {
    let server = try HubServer(faults: [
      #"{"at": "content", "do": "drop", "after": 1000000}"#, #"{"at": "content", "do": "drop", "after": 500000}"#,
    ])
    let clock = Clock()
    let place = try server.fetch(Self.weights, for: .file, clock: clock)
    #expect(try isWhole(place))
    #expect(try server.downloads().map(\.range) == [nil, "bytes=1000000-", "bytes=1500000-"])
    #expect(clock.pauses == [1, 2])
    #expect(leftovers(server).isEmpty)
  }

  @Test func `what one process left another goes on with`() throws {
    let server = try HubServer(faults: [#"{"at": "content", "times": 4, "do": "drop", "after": 500000}"#])
    let message = complaint { try server.fetch(Self.weights, for: .file) }
    #expect(
      message
        == "acme/tiny/model-00001-of-00002.safetensors: the connection was dropped (localhost), at 4 attempts in a row. Check the connection and run the command again; what has arrived is kept."
    )
    #expect(leftovers(server).count == 1)
    let fetch = try HubFetch(HubSettings(environment: server.environment()))
    let plans = try fetch.plan([HubRequest(HubReference(Self.weights), for: .file)])
    #expect(plans[0].entries.map(\.state) == [.missing(arrived: 2_000_000)])
    #expect(HubFetch.remainingBytes(plans) == 1_000_000)
    #expect(try isWhole(try server.fetch(Self.weights, for: .file)))
    #expect(try server.downloads().last?.range == "bytes=2000000-")
    #expect(leftovers(server).isEmpty)
  }

  @Test func `a long file survives more drops than there are attempts, as long as it comes further`() throws {
    let server = try HubServer(faults: [#"{"at": "content", "times": 2, "do": "drop", "after": 1100000}"#])
    var patience = Clock().patience
    patience.attempts = 2
    #expect(try isWhole(try server.fetch(Self.weights, for: .file, patience: patience)))
  }

  @Test func `a server that ignores ranges is read from the start`() throws {
    let server = try HubServer(faults: [
      #"{"at": "content", "do": "drop", "after": 1000000}"#, #"{"at": "content", "do": "whole"}"#,
    ])
    #expect(try isWhole(try server.fetch(Self.weights, for: .file)))
    #expect(try server.downloads().map(\.range) == [nil, "bytes=1000000-"])
  }

  @Test func `a server that sends another part than asked for is not believed`() throws {
    let server = try HubServer(faults: [
      #"{"at": "content", "do": "drop", "after": 1000000}"#, #"{"at": "content", "do": "elsewhere"}"#,
    ])
    #expect(try isWhole(try server.fetch(Self.weights, for: .file)))
    #expect(try server.downloads().map(\.range) == [nil, "bytes=1000000-", nil])
  }

  @Test func `a slow server is waited for, a silent one is not`() throws {
    // Six seconds of trickle would be too long in all, but there is never a second without a byte.
    let slow = try HubServer(faults: [#"{"at": "resolve-cache", "do": "trickle", "piece": 6, "seconds": 0.3}"#])
    var patience = Clock().patience
    patience.idleSeconds = 1
    let place = try slow.fetch("hf://acme/tiny/config.json", for: .file, patience: patience)
    #expect(try Data(contentsOf: URL(fileURLWithPath: place.path)).count == 30)
    #expect(try slow.downloads().count == 1)

    let silent = try HubServer(faults: [#"{"at": "content", "do": "stall", "after": 1000000, "seconds": 20}"#])
    let start = ContinuousClock.now
    #expect(try isWhole(try silent.fetch(Self.weights, for: .file, patience: patience)))
    #expect(ContinuousClock.now - start < .seconds(10))
    #expect(try silent.downloads().map(\.range) == [nil, "bytes=1000000-"])
  }

  @Test func `nobody there`() throws {
    let settings = try HubSettings(environment: [
      "HF_ENDPOINT": "http://127.0.0.1:1", "HOME": "/nowhere", "no_proxy": "*",
    ])
    let clock = Clock()
    let message = complaint {
      _ = try HubFetch(settings, patience: clock.patience).plan([HubRequest(HubReference("hf://o/n"), for: .checkpoint)]
      )
    }
    #expect(
      message?.hasPrefix("o/n: ") == true && message?.contains("at 4 attempts in a row") == true, "\(message ?? "")")
    #expect(clock.pauses == [1, 2, 4])
  }

  // MARK: Content

  @Test func `content with the wrong digest is asked for once more`() throws {
    let server = try HubServer(faults: [#"{"at": "content", "do": "corrupt"}"#])
    #expect(try isWhole(try server.fetch(Self.weights, for: .file)))
    #expect(try server.downloads().map(\.range) == [nil, nil])
  }

  @Test(
    "content with the wrong digest twice is deleted and an error",
    arguments: [
      ("content", "corrupt", weights), ("content", "longer", weights),
      ("resolve-cache", "corrupt", "hf://acme/tiny/config.json"),
    ])
  func wrongTwice(place: String, fault: String, reference: String) throws {
    let server = try HubServer(faults: [#"{"at": "\#(place)", "times": 2, "do": "\#(fault)"}"#])
    var isWrongContent = false
    do { try server.fetch(reference, for: .file) } catch HubError.wrongContent { isWrongContent = true }
    #expect(isWrongContent)
    #expect(leftovers(server).isEmpty)
    let blobs =
      (try? FileManager.default.contentsOfDirectory(atPath: server.folder + "/cache/models--acme--tiny/blobs")) ?? []
    #expect(blobs.isEmpty)
    #expect(!FileManager.default.fileExists(atPath: server.folder + "/cache/models--acme--tiny/refs/main"))
  }

  @Test func `a partial file of other bytes does not spoil the download`() throws {
    let server = try HubServer()
    let place = try server.fetch(Self.weights, for: .file)
    let blob = URL(fileURLWithPath: place.path).resolvingSymlinksInPath().path
    try FileManager.default.removeItem(atPath: blob)
    try Data(repeating: 7, count: 1234).write(to: URL(fileURLWithPath: blob + ".incomplete"))
    #expect(try isWhole(try server.fetch(Self.weights, for: .file)))
    #expect(try server.downloads().suffix(2).map(\.range) == ["bytes=1234-", nil])
  }

  @Test func `a blob cut short is not taken for the file`() throws {
    let server = try HubServer()
    let place = try server.fetch(Self.weights, for: .file)
    let blob = URL(fileURLWithPath: place.path).resolvingSymlinksInPath().path
    #expect(truncate(blob, 10) == 0)
    #expect(try isWhole(try server.fetch(Self.weights, for: .file)))
  }

  @Test(
    "a listing that is none, or whose names lead elsewhere, is refused",
    arguments: [
      #"<html>"#, #"{"sha": "main", "siblings": []}"#,
      #"{"sha": "0123456789012345678901234567890123456789", "siblings": [{"rfilename": "../../x", "size": 1, "blobId": "0123456789012345678901234567890123456789"}]}"#,
      #"{"sha": "0123456789012345678901234567890123456789", "siblings": [{"rfilename": "x", "size": 1, "blobId": "../../../../../../../../../../../../../xx"}]}"#,
      #"{"sha": "0123456789012345678901234567890123456789", "siblings": [{"rfilename": "x", "size": 1}]}"#,
    ])
  func listings(text: String) throws {
    let json = String(decoding: try JSONEncoder().encode(text), as: UTF8.self)
    let server = try HubServer(faults: [#"{"at": "/api/", "do": "garbage", "text": \#(json)}"#])
    let message = complaint { try server.fetch("hf://acme/tiny/x", for: .file) }
    #expect(message?.contains("the answer cannot be used") == true, "\(message ?? "no error")")
  }

  // MARK: What is there

  @Test func `what is there is not downloaded again`() throws {
    let server = try HubServer()
    let first = try server.fetch("hf://acme/tiny", for: .checkpoint)
    let count = try server.downloads().count
    #expect(try server.fetch("hf://acme/tiny", for: .checkpoint) == first)
    #expect(try server.downloads().count == count)
    // The same contents at another commit are linked.
    let other = try server.fetch("hf://acme/tiny@feature%2Fx", for: .checkpoint)
    #expect(try server.downloads().count == count && other.commit != first.commit)
  }

  @Test func `two requests of one repository get one commit and one listing`() throws {
    let server = try HubServer()
    try server.fetch([
      HubRequest(HubReference("hf://acme/scope/resid_post/layer_9_width_16k_l0_small"), for: .autoencoder),
      HubRequest(HubReference("hf://acme/scope/lens"), for: .autoencoder),
    ])
    #expect(try server.requests().count { $0.path.hasPrefix("/api/models/acme/scope/revision") } == 1)
    #expect(!(try server.requests().contains { $0.path.contains("examples") }))
  }

  @Test func `several processes fetch every file once`() throws {
    let server = try HubServer(faults: [
      #"{"at": "content", "times": 3, "do": "trickle", "piece": 500000, "seconds": 0.03}"#
    ])
    let failures = Failures()
    DispatchQueue.concurrentPerform(iterations: 4) { _ in
      // Each with its own connection and its own file descriptors, as processes have.
      do { try server.fetch("hf://acme/tiny", for: .checkpoint) } catch { failures.add("\(error)") }
    }
    #expect(failures.texts.isEmpty)
    #expect(try server.downloads().count == 8)
    #expect(leftovers(server).isEmpty)
  }

  @Test func `offline nothing is asked`() throws {
    let server = try HubServer()
    var environment = server.environment()
    environment["HF_HUB_OFFLINE"] = "1"
    let request = HubRequest(try HubReference("hf://acme/tiny"), for: .checkpoint)
    let fetch = try HubFetch(HubSettings(environment: environment))
    #expect(throws: HubError.offline(request.reference)) { try fetch.plan([request]) }
    #expect(try server.requests().isEmpty)
  }

  private final class Failures: @unchecked Sendable {
    private let lock = NSLock()
    private var found: [String] = []
    var texts: [String] { lock.withLock { found } }
    func add(_ text: String) { lock.withLock { found.append(text) } }
  }
}
