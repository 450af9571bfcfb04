import Digests
import Foundation
import HubServer
import Testing

@testable import Hub

func sha256(_ data: Data) -> String { SHA256.hash(data: data).map { String(format: "%02x", $0) }.joined() }

@Suite("The cache, against huggingface_hub's") struct LayoutTests {
  struct Entry: Decodable {
    var link: String?
    var size: Int?
    var sha256: String?
  }

  @Test func `a cache that is fetched is the cache that huggingface_hub makes`() throws {
    let server = try HubServer()
    let scope = "aacd3103f3f1fcab0248f041a315ab6816c8a0e9"
    try server.fetch([
      HubRequest(HubReference("hf://acme/tiny"), for: .checkpoint),
      HubRequest(HubReference("hf://acme/tiny@refs/pr/1/tiny-q4_0.gguf"), for: .checkpoint),
      HubRequest(HubReference("hf://acme/scope@\(scope)/resid_post/layer_17_width_16k_l0_medium"), for: .autoencoder),
      HubRequest(HubReference("hf://datasets/acme/texts@v1/data/part-0.jsonl"), for: .file),
      HubRequest(HubReference("hf://datasets/acme/texts/data/größe 1.jsonl"), for: .file),
    ])
    let expected = try golden("cache.json", as: [String: Entry].self)
    let found = try tree(server.folder + "/cache")
    #expect(found.keys.sorted() == expected.keys.sorted())
    for (path, entry) in expected {
      if let link = entry.link {
        #expect(found[path] == ["link": link], "\(path)")
      } else {
        #expect(found[path]?["sha256"] == entry.sha256, "\(path)")
        #expect(found[path]?["size"] == entry.size.map { "\($0)" }, "\(path)")
      }
    }
    #expect(expected.count > 20)
  }

  @Test func `a file of the cache is compared with its digest once, and had again where it differs`() throws {
    let server = try HubServer()
    let first = try server.fetch("hf://acme/tiny", for: .checkpoint)
    let count = try server.downloads().count
    let path = first.path + "/config.json"
    let blob = (try FileManager.default.destinationOfSymbolicLink(atPath: path) as NSString).lastPathComponent
    let file = server.folder + "/cache/models--acme--tiny/blobs/" + blob
    let content = try Data(contentsOf: URL(fileURLWithPath: file))
    var damaged = content
    damaged[5] ^= 1
    try damaged.write(to: URL(fileURLWithPath: file))
    try server.fetch("hf://acme/tiny", for: .checkpoint)
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == content)
    #expect(try server.downloads().count == count + 1)
    // Compared: what is noted is believed until the file changes.
    try server.fetch("hf://acme/tiny", for: .checkpoint)
    #expect(try server.downloads().count == count + 1)
  }

  @Test func `no symbolic link leads a download out of the cache`() throws {
    for name in ["snapshots", "blobs", "refs"] {
      let server = try HubServer()
      let (repository, outside) = (server.folder + "/cache/models--acme--tiny", server.folder + "/outside")
      let manager = FileManager.default
      try manager.createDirectory(atPath: repository, withIntermediateDirectories: true)
      try manager.createDirectory(atPath: outside, withIntermediateDirectories: true)
      try manager.createSymbolicLink(atPath: repository + "/" + name, withDestinationPath: outside)
      let complaint = complaint { try server.fetch("hf://acme/tiny", for: .checkpoint) }
      #expect(
        complaint?.contains("a symbolic link leads out of the cache") == true, "\(name): \(complaint ?? "fetched")")
      #expect(try manager.contentsOfDirectory(atPath: outside).isEmpty)
    }
  }

  @Test func `references are read as huggingface_hub reads them`() throws {
    struct Parsed: Decodable, Equatable {
      var kind: String
      var name: String
      var revision: String
      var path: String
    }
    let expected = try golden("references.json", as: [String: Parsed?].self)
    #expect(expected.values.contains { $0 == nil } && expected.values.contains { $0 != nil })
    for (text, parsed) in expected {
      let found = (try? HubReference(text)).map {
        Parsed(kind: $0.repository.kind.rawValue, name: $0.repository.name, revision: $0.revision, path: $0.path)
      }
      #expect(found == parsed, "\(text)")
      if let found = try? HubReference(text) { #expect(try HubReference(found.description) == found, "\(found)") }
    }
  }

  @Test(
    "what could lead out of the cache, or is no model and no data set, is no reference",
    arguments: [
      "hf://owner/name/../../etc/passwd", "hf://owner/name@../../x", "hf://owner/name@a%2F..%2Fb",
      "hf://owner/name/./x",
      "hf://spaces/owner/name", "hf://buckets/owner/name", "hf://kernels/owner/name", "hf://owner/name/a\u{7}b",
      "hf://owner/name/a\\b", "hf://owner/name@a//b", "hf://../name", "hf://owner/..",
    ])
  func refused(text: String) {
    #expect(throws: HubReferenceError.self) { try HubReference(text) }
  }

  @Test func `variables lead where they lead huggingface_hub`() throws {
    struct Case: Decodable {
      var variables: [String: String]
      var cache: String
      var token: String
      var offline: Bool
      var endpoint: String
    }
    let cases = try golden("environment.json", as: [Case].self)
    #expect(cases.count > 10)
    for expected in cases {
      let environment = expected.variables.merging(["HOME": "/home/ada"]) { $1 }
      let settings = try HubSettings(environment: environment)
      #expect(settings.cache.folder == expected.cache, "\(expected.variables)")
      #expect(HubSettings.tokenFile(environment) == expected.token, "\(expected.variables)")
      #expect(settings.isOffline == expected.offline, "\(expected.variables)")
      #expect(settings.endpoint == expected.endpoint, "\(expected.variables)")
    }
  }

  @Test func `an endpoint that is no address is refused, one with a password without saying it`() throws {
    #expect(throws: HubError.badEndpoint("ftp://x")) { try HubSettings(environment: ["HF_ENDPOINT": "ftp://x"]) }
    let message = complaint { _ = try HubSettings(environment: ["HF_ENDPOINT": "https://ada:secret@hub.example"]) }
    #expect(message?.contains("HF_ENDPOINT") == true && message?.contains("secret") == false)
  }

  // MARK: Looking up

  @Test func `what is fetched is found by branch and by commit, and a deleted file is missed by name`() throws {
    let server = try HubServer()
    let fetched = try server.fetch("hf://acme/tiny", for: .checkpoint)
    let cache = HubCache(folder: server.folder + "/cache")
    #expect(try cache.resolve(HubReference("hf://acme/tiny"), for: .checkpoint) == fetched)
    let pinned = try HubReference("hf://acme/tiny@\(fetched.commit)")
    #expect(try cache.resolve(pinned, for: .checkpoint).path == fetched.path)
    #expect(fetched.path == "\(server.folder)/cache/models--acme--tiny/snapshots/\(fetched.commit)")
    let config = try cache.resolve(HubReference("hf://acme/tiny/config.json"), for: .file)
    #expect(try String(contentsOfFile: config.path, encoding: .utf8) == "{\"model_type\": \"gemma3_text\"}\n")

    // The link stays and leads nowhere.
    let weights = "model-00002-of-00002.safetensors"
    let link = try FileManager.default.destinationOfSymbolicLink(atPath: "\(fetched.path)/\(weights)")
    try FileManager.default.removeItem(atPath: "\(fetched.path)/\(link)")
    #expect(throws: HubError.notFetched(pinned, missing: [weights], cache: cache.folder)) {
      try cache.resolve(pinned, for: .checkpoint)
    }
    let other = try HubReference("hf://acme/tiny@v1")
    #expect(throws: HubError.notFetched(other, missing: [], cache: cache.folder)) {
      try cache.resolve(other, for: .checkpoint)
    }
    // And the next fetch gets that file alone.
    let before = try server.downloads().count
    try server.fetch("hf://acme/tiny", for: .checkpoint)
    #expect(try server.downloads().count == before + 1)
  }

  @Test func `sizes in words`() {
    let texts = [0, 999, 1000, 34_400, 99_949, 99_950, 999_499, 999_500, 4_961_251_752, 5_000_000_000_000].map(
      ByteCount.text)
    #expect(
      texts == ["0 B", "999 B", "1.0 kB", "34.4 kB", "99.9 kB", "100 kB", "999 kB", "1.0 MB", "4.96 GB", "5.0 TB"])
  }
}
