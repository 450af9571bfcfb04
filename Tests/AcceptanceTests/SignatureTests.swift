import FabricatedRuns
import Foundation
import Testing

/// Signatures of a study's manifest.
extension VerifyCommandTests {
  @Test("signatures: ours and OpenSSL's read each other, an unchecked one is said, a wrong or swapped one is found")
  func signatures() throws {
    let study = try RenderedStudy()
    let (key, publicKey) = (study.folder.file("key"), study.folder.file("key.pub"))
    let signature = study.path + "/ro-crate-metadata.json.sig"
    #expect(try Command.run(["sign", "--new-key", key]).status == 0)
    let mode = try FileManager.default.attributesOfItem(atPath: key)[.posixPermissions] as? Int
    #expect(mode == 0o600)
    #expect(try Command.run(["sign", "--new-key", key]).status == 2, "no key is replaced")
    #expect(try Command.run(["verify", study.path, "--public-key", publicKey]).status == 1, "not signed")
    #expect(try Command.run(["sign", study.path, "--key", key]).status == 0)
    let (unchecked, found) = try study.verify()
    #expect(unchecked == 0 && found.has("signature", "ro-crate-metadata.json.sig", "unchecked"))
    #expect(try study.verify(["--public-key", publicKey]).status == 0)
    #expect(try Command.run(["verify", study.path, "--public-key", key]).status == 2, "a private key is no public one")

    // Rendering the same again leaves it valid.
    #expect(try Command.run(["render", study.path + "/run.h5"]).status == 0)
    #expect(try study.verify(["--public-key", publicKey]).status == 0)

    let other = study.folder.file("other")
    #expect(try Command.run(["sign", "--new-key", other]).status == 0)
    let wrong = try study.verify(["--public-key", other + ".pub"])
    #expect(wrong.status == 1 && wrong.found.failures == ["signature ro-crate-metadata.json.sig"])
    let own = try bytes(of: signature)
    #expect(own.count == 64)
    try put(Data(own.reversed()), at: signature)
    #expect(try study.verify(["--public-key", publicKey]).status == 1)
    try put(own, at: signature)

    // An edit, signed for: the signature is of other bytes.
    try study.replace("corpus.jsonl", by: "another.jsonl", in: "ro-crate-metadata.json")
    #expect(
      try study.verify(["--public-key", publicKey]).found.failures.contains("signature ro-crate-metadata.json.sig"))
    try study.replace("another.jsonl", by: "corpus.jsonl", in: "ro-crate-metadata.json")
    try put(Data(), at: study.path + "/report.md")
    let refused = try Command.run(["sign", study.path, "--key", key])
    #expect(refused.status == 1 && refused.errors.contains("report.md"), "what is not as listed is not signed")
  }

  @Test(
    "OpenSSL verifies our signature, and we its",
    .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl")))
  func openSSL() throws {
    let study = try RenderedStudy()
    let (manifest, signature) = (study.path + "/ro-crate-metadata.json", study.path + "/ro-crate-metadata.json.sig")
    func file(_ name: String) -> String { study.folder.file(name) }
    func openssl(_ arguments: [String]) throws -> Int32 {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
      process.arguments = arguments
      process.standardOutput = FileHandle.nullDevice
      process.standardError = FileHandle.nullDevice
      try process.run()
      process.waitUntilExit()
      return process.terminationStatus
    }
    #expect(try Command.run(["sign", "--new-key", file("k")]).status == 0)
    #expect(try Command.run(["sign", study.path, "--key", file("k")]).status == 0)
    let verify = [
      "pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", file("k.pub"), "-in", manifest, "-sigfile", signature,
    ]
    #expect(try openssl(verify) == 0)

    #expect(try openssl(["genpkey", "-algorithm", "ed25519", "-out", file("o")]) == 0)
    #expect(try openssl(["pkey", "-in", file("o"), "-pubout", "-out", file("o.pub")]) == 0)
    #expect(try openssl(verify) == 0)
    #expect(try openssl(["pkeyutl", "-sign", "-rawin", "-inkey", file("o"), "-in", manifest, "-out", signature]) == 0)
    #expect(try study.verify(["--public-key", file("o.pub")]).status == 0)
    #expect(try study.verify(["--public-key", file("k.pub")]).status == 1)
    #expect(try Command.run(["sign", study.path, "--key", file("o")]).status == 0)
    #expect(try openssl(verify) != 0)

    // Keys that cannot be used are named as what they are.
    #expect(try openssl(["genpkey", "-algorithm", "ed25519", "-aes256", "-pass", "pass:x", "-out", file("e")]) == 0)
    #expect(try Command.run(["sign", study.path, "--key", file("e")]).errors.contains("encrypted"))
    #expect(try openssl(["genpkey", "-algorithm", "X25519", "-out", file("x")]) == 0)
    let x = try Command.run(["sign", study.path, "--key", file("x")])
    #expect(x.status == 2 && x.errors.contains("Ed25519"))
  }
}
