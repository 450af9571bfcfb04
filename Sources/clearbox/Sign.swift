import ArgumentParser
import Foundation
import Report

struct Sign: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Sign a study's folder with an Ed25519 key, or make such a key.",
    discussion: """
      Writes ro-crate-metadata.json.sig: a signature over the manifest, and so over the digests of all files that it lists. \
      The files are compared with the manifest first. Keys are those of OpenSSL (PEM); docs/verify.md says what a signature \
      tells, and to whom.

      EXAMPLE
        clearbox sign --new-key me.pem
        clearbox sign out/quick --key me.pem
        clearbox verify out/quick --public-key me.pem.pub
      """)

  @Argument(help: ArgumentHelp("The folder to sign.", valueName: "folder"))
  var folder: String?

  @Option(help: ArgumentHelp("Your private key.", valueName: "file"))
  var key: String?

  @Option(
    help: ArgumentHelp("Make a key: FILE, which you alone can read, and FILE.pub, to give away.", valueName: "file"))
  var newKey: String?

  func validate() throws {
    switch (folder, key, newKey) {
    case (nil, nil, .some), (.some, .some, nil): break
    default: throw ValidationError("Give a folder and --key FILE, or --new-key FILE alone.")
    }
  }

  func run() throws {
    if let newKey {
      let publicFile = newKey + ".pub"
      guard !FileManager.default.fileExists(atPath: publicFile) else { throw KeyError.exists(path: publicFile) }
      let key = SigningKey()
      try key.write(to: newKey)
      try key.publicKey.write(to: publicFile)
      Terminal.say("   \(newKey): the private key; keep it to yourself")
      Terminal.say("   \(publicFile): the public key, SHA-256 \(try key.publicKey.fingerprint)")
    }
    guard let folder, let key else { return }
    let signer = try SigningKey(file: key)
    if let mode = try? FileManager.default.attributesOfItem(atPath: key)[.posixPermissions] as? Int, mode & 0o077 != 0 {
      Terminal.write(error: "clearbox: \(key): others can read this private key. Close it: chmod 600 \(key)\n")
    }
    let wrong = try ManifestSignature.sign(URL(fileURLWithPath: folder), with: signer)
    guard wrong.isEmpty else {
      for entry in wrong {
        Terminal.write(error: "clearbox: \(entry.subject): \(entry.details.joined(separator: "; "))\n")
      }
      Terminal.write(
        error: "clearbox: \(folder) is not as its manifest says: nothing was signed. Render it anew first.\n")
      throw ExitCode(1)
    }
    Terminal.say("   \(folder)/\(StudyManifest.signatureName): signed with the key \(try signer.publicKey.fingerprint)")
  }
}
