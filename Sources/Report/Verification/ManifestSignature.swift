import Foundation

/// The detached signature of a folder's manifest, `ro-crate-metadata.json.sig`: 64 bytes over the manifest's bytes.
public enum ManifestSignature {
  /// Signs the manifest of a folder whose files are as it lists them.
  ///
  /// - Returns: what is not as listed; then nothing was signed.
  /// - Throws: `ManifestError`, `ReportError.file`.
  public static func sign(_ folder: URL, with key: SigningKey) throws -> [Verification.Entry] {
    let url = folder.appendingPathComponent(StudyManifest.fileName)
    guard FileManager.default.fileExists(atPath: url.path) else { throw ManifestError.none(url.path) }
    let bytes = Array(try FileDigest.data(url))
    let wrong = try FolderVerification.filesAgainst(ListedStudy(bytes, path: url.path), in: folder)
      .filter(\.outcome.isFailure)
    guard wrong.isEmpty else { return wrong }
    try OutputFile.save(try key.signature(of: bytes), at: folder.appendingPathComponent(StudyManifest.signatureName))
    return []
  }

  /// - Parameter key: nil where none was given.
  static func check(_ bytes: [UInt8], in folder: URL, with key: VerifyingKey?) throws -> Verification.Entry {
    let url = folder.appendingPathComponent(StudyManifest.signatureName)
    func entry(_ outcome: Verification.Outcome, _ details: [String]) -> Verification.Entry {
      .init(.signature, StudyManifest.signatureName, outcome, details)
    }
    guard FileManager.default.fileExists(atPath: url.path) else {
      return key == nil ? entry(.absent, ["the folder is not signed"]) : entry(.missing, ["the folder is not signed"])
    }
    guard let key else {
      return entry(.unchecked, ["the folder is signed; give the signer's key by --public-key to check it"])
    }
    return key.isValid(Array(try FileDigest.data(url)), of: bytes)
      ? entry(.same, ["signed with the key \(key.fingerprint)"])
      : entry(.differs, ["not a signature of this manifest with the key \(key.fingerprint)"])
  }
}

extension FolderVerification {
  public mutating func checkSignature(with key: VerifyingKey?) throws {
    result.entries.append(try ManifestSignature.check(manifestBytes, in: folder, with: key))
  }
}
