import Foundation
import HubServer
import Testing

@testable import Hub

/// What the server answers, where it leads, and who is told the token.
extension FaultTests {
  // MARK: Answers

  @Test func `too many requests: the server's wish is granted, within limits`() throws {
    let server = try HubServer(faults: [
      #"{"at": "/api/models", "do": "status", "status": 429, "headers": {"Retry-After": "7"}}"#,
      #"{"at": "/api/models", "do": "status", "status": 429, "headers": {"RateLimit": "\"api\";r=0;t=55"}}"#,
      #"{"at": "content", "do": "status", "status": 503}"#, #"{"at": "content", "do": "status", "status": 500}"#,
    ])
    let clock = Clock()
    #expect(try isWhole(try server.fetch(Self.weights, for: .file, clock: clock)))
    #expect(clock.pauses == [7, 55, 1, 2])

    let busy = try HubServer(faults: [
      #"{"at": "/api/", "do": "status", "status": 429, "headers": {"Retry-After": "86400"}}"#
    ])
    #expect(throws: HubError.mustWait(subject: "acme/tiny", seconds: 86400)) {
      try busy.fetch("hf://acme/tiny", for: .checkpoint)
    }
    let down = try HubServer(faults: [#"{"at": "/api/", "times": 99, "do": "status", "status": 502}"#])
    #expect(
      throws: HubError.unreachable(subject: "acme/tiny", reason: "the server answered with status 502", attempts: 4)
    ) { try down.fetch("hf://acme/tiny", for: .checkpoint) }
    #expect(try down.requests().count == 4)
  }

  @Test func `what does not exist is said plainly`() throws {
    let server = try HubServer()
    let e = server.endpoint
    func message(_ reference: String, token: String? = nil) -> String? {
      complaint { try server.fetch(reference, for: .file, token: token) }
    }
    #expect(
      message("hf://acme/none/x")
        == "\(e)/acme/none: there is no such repository, or it is private. Check the name; for a private one, set HF_TOKEN."
    )
    #expect(
      message("hf://datasets/acme/none/x", token: HubServer.token)
        == "\(e)/datasets/acme/none: there is no such repository, or it is private and the token's account may not see it."
    )
    #expect(
      message("hf://acme/tiny@v9/x") == "acme/tiny has no revision v9. Give a branch, a tag or a commit that it has.")
    #expect(
      message("hf://acme/tiny/x.json")?.contains("hf://acme/tiny/x.json: a file is needed there, and there is none")
        == true)
    #expect(
      message("hf://acme/tiny/config.json", token: "hf_wrong")
        == "\(e) refuses the token: it is wrong or no longer valid. Set HF_TOKEN to a valid one, or unset it.")
    let gone = try HubServer(faults: [
      #"{"at": "resolve/", "do": "status", "status": 404, "headers": {"X-Error-Code": "EntryNotFound"}}"#
    ])
    #expect(
      complaint { try gone.fetch("hf://acme/tiny/config.json", for: .file) }?
        .hasPrefix("acme/tiny has no file config.json at commit ") == true)
    // None of these is worth another attempt.
    #expect(try server.requests().count == 5)
  }

  @Test func `a gated repository names the page to visit`() throws {
    let server = try HubServer()
    let reference = "hf://acme/gated/config.json"
    #expect(throws: HubError.gated(page: "\(server.endpoint)/acme/gated", hasToken: false)) {
      try server.fetch(reference, for: .file)
    }
    #expect(throws: HubError.gated(page: "\(server.endpoint)/acme/gated", hasToken: true)) {
      try server.fetch(reference, for: .file, token: "hf_stranger")
    }
    #expect(complaint { try server.fetch(reference, for: .file) }?.contains("set HF_TOKEN") == true)
    try server.fetch(reference, for: .file, token: HubServer.token)
    try server.fetch("hf://acme/private", for: .checkpoint, token: HubServer.token)
  }

  // MARK: The token

  @Test func `the token goes to the endpoint and nowhere else`() throws {
    let server = try HubServer(faults: [
      // A small file from another host, and the other port of the same host.
      #"{"at": "hub .*generation_config.json", "do": "redirect", "location": "{content}/elsewhere"}"#
    ])
    _ = try? server.fetch("hf://acme/private/generation_config.json", for: .file, token: HubServer.token)
    try server.fetch("hf://acme/private", for: .checkpoint, token: HubServer.token)
    let requests = try server.requests()
    let strangers = requests.filter { $0.server == "content" }
    #expect(strangers.count == 4 && strangers.allSatisfy { $0.authorization == nil })
    #expect(strangers.contains { $0.path == "/elsewhere" })
    let own = requests.filter { $0.server == "hub" }
    #expect(own.allSatisfy { $0.authorization == "Bearer \(HubServer.token)" })
    #expect(own.contains { $0.path.hasPrefix("/api/resolve-cache/") })
  }

  @Test func `another port of the same host is another place`() throws {
    let server = try HubServer()
    let port = server.content.split(separator: ":").last!
    let other = try HubServer(faults: [
      #"{"at": "hub .*resolve/.*config.json", "do": "redirect", "location": "http://127.0.0.1:\#(port)/port"}"#
    ])
    _ = try? other.fetch("hf://acme/private/config.json", for: .file, token: HubServer.token)
    let seen = try server.requests()
    #expect(seen.map(\.path) == ["/port"] && seen[0].authorization == nil)
  }

  @Test func `the token is in no message and in no file`() throws {
    let secret = "hf_stranger"
    let server = try HubServer(faults: [#"{"at": "resolve/", "do": "echo"}"#])
    let message = complaint { try server.fetch("hf://acme/tiny/config.json", for: .file, token: secret) }
    #expect(message?.contains("you sent Bearer …") == true && message?.contains(secret) == false, "\(message ?? "")")
    try server.fetch("hf://acme/tiny", for: .checkpoint, token: secret)
    for path in try FileManager.default.subpathsOfDirectory(atPath: server.folder + "/cache") {
      let content = FileManager.default.contents(atPath: "\(server.folder)/cache/\(path)") ?? Data()
      #expect(content.firstRange(of: Data(secret.utf8)) == nil, "\(path)")
    }
    let settings = try HubSettings(environment: server.environment(token: secret))
    var dumped = ""
    dump(settings, to: &dumped)
    #expect(
      !dumped.contains(secret) && !"\(settings)".contains(secret) && !String(reflecting: settings).contains(secret))
    let broken = complaint { _ = try HubSettings(environment: ["HF_TOKEN": "a\r\nHost: b", "HOME": "/"]) }
    #expect(broken?.hasPrefix("HF_TOKEN holds no token") == true && broken?.contains("Host") == false)
  }

  @Test func `the token is read from its file where the variable is not set`() throws {
    let server = try HubServer()
    try FileManager.default.createDirectory(atPath: server.folder + "/home", withIntermediateDirectories: true)
    try Data("\(HubServer.token)\n".utf8).write(to: URL(fileURLWithPath: server.folder + "/home/token"))
    try server.fetch("hf://acme/private/config.json", for: .file)
    var implicit = server.environment()
    implicit["HF_HUB_DISABLE_IMPLICIT_TOKEN"] = "1"
    #expect(try HubSettings(environment: implicit).token == nil)
  }

  @Test func `a server elsewhere cannot send requests into this network`() throws {
    let location = "http://127.0.0.2:9/latest/meta-data"
    let server = try HubServer(faults: [#"{"at": "hub .*config.json", "do": "redirect", "location": "\#(location)"}"#])
    // 127.0.0.1, where the server is, stands for an address far away.
    let connection = try HTTPConnection { address, _ in
      address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
        UInt32(bigEndian: $0.pointee.sin_addr.s_addr) != 0x7f00_0001
      }
    }
    let fetch = try HubFetch(
      HubSettings(environment: server.environment(token: nil, cache: "cache")), patience: Clock().patience,
      connection: connection)
    let request = try HubRequest(HubReference("hf://acme/tiny"), for: .checkpoint)
    let complaint = complaint { _ = try fetch.download(try fetch.plan([request])) { _ in } }
    #expect(
      complaint?.contains("the server redirects, but into this machine's own network (127.0.0.2).") == true,
      "\(complaint ?? "fetched")")
  }

  @Test(
    "addresses of this machine and its networks are told from others",
    arguments: [
      ("127.0.0.1", true), ("10.1.2.3", true), ("172.16.0.1", true), ("172.32.0.1", false), ("192.168.1.1", true),
      ("169.254.169.254", true), ("100.64.0.1", true), ("100.128.0.1", false), ("0.0.0.0", true), ("8.8.8.8", false),
      ("::1", true), ("::", true), ("fe80::1", true), ("fd00::1", true), ("::ffff:127.0.0.1", true),
      ("::ffff:8.8.8.8", false), ("64:ff9b::a00:1", true), ("64:ff9b::808:808", false), ("2600:1f18::1", false),
    ])
  func nearAddresses(text: String, isNear: Bool) throws {
    if text.contains(":") {
      var address = sockaddr_in6()
      address.sin6_family = sa_family_t(AF_INET6)
      try #require(inet_pton(AF_INET6, text, &address.sin6_addr) == 1)
      #expect(Self.isNear(&address, MemoryLayout<sockaddr_in6>.size) == isNear)
    } else {
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      try #require(inet_pton(AF_INET, text, &address.sin_addr) == 1)
      #expect(Self.isNear(&address, MemoryLayout<sockaddr_in>.size) == isNear)
    }
  }

  private static func isNear<Address>(_ address: inout Address, _ length: Int) -> Bool {
    withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { NearAddress.contains($0, length: length) }
    }
  }

  @Test func `redirects that lead nowhere end`() throws {
    let circle = try HubServer(faults: [
      #"{"at": "hub .*config.json", "times": 99, "do": "redirect", "location": "/acme/tiny/resolve/x/config.json"}"#
    ])
    #expect(complaint { try circle.fetch("hf://acme/tiny/config.json", for: .file) }?.contains("in a circle") == true)
    for location in ["file:///etc/passwd", "ftp://localhost/x", "http://ada:secret@localhost/"] {
      let server = try HubServer(faults: [#"{"at": "hub .*config.json", "do": "redirect", "location": "\#(location)"}"#]
      )
      #expect(
        complaint { try server.fetch("hf://acme/tiny/config.json", for: .file) }?
          .contains("the server redirects, but not to an address of http or https. Is HF_ENDPOINT right") == true)
    }
  }
}
