import Digests
import Foundation

/// Ed25519 keys (RFC 8032) in the files that OpenSSL writes and reads: PKCS#8 and SubjectPublicKeyInfo (RFC 8410) as PEM.
public struct SigningKey {
  private let key: Ed25519.PrivateKey

  /// A new key, from the system's source of randomness.
  public init() { key = Ed25519.PrivateKey() }

  /// - Throws: `KeyError` for a file that is no unencrypted Ed25519 private key.
  public init(file: String) throws {
    let der = try PEM.read(file, label: "PRIVATE KEY")
    guard let seed = Self.seed(der), let key = Ed25519.PrivateKey(rawRepresentation: seed) else {
      throw KeyError.otherKey(path: file, wanted: "Ed25519 private key")
    }
    self.key = key
  }

  /// The 32 bytes of a PKCS#8 structure: version 0 as OpenSSL writes it, or version 1, which has the public key at its end.
  private static func seed(_ der: [UInt8]) -> [UInt8]? {
    // INTEGER version, SEQUENCE { OID 1.3.101.112 }, OCTET STRING { OCTET STRING seed }
    for version in [UInt8(0), 1] {
      let middle: [UInt8] = [0x02, 0x01, version, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20]
      let start = 2 + middle.count
      guard der.count >= start + 32, der[0] == 0x30, Int(der[1]) == der.count - 2, Array(der[2..<start]) == middle,
        version == 1 || der.count == start + 32
      else { continue }
      return Array(der[start..<start + 32])
    }
    return nil
  }

  public var publicKey: VerifyingKey { get throws { VerifyingKey(try key.publicKey) } }

  /// 64 bytes, as `openssl pkeyutl -sign -rawin` writes them.
  public func signature(of bytes: [UInt8]) throws -> [UInt8] { try key.signature(for: bytes) }

  /// Writes the key for its owner alone (mode 600).
  /// - Throws: `KeyError.exists` rather than to replace a file.
  public func write(to file: String) throws {
    let der =
      [0x30, 0x2E, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20]
      + key.rawRepresentation
    try PEM.write(der, label: "PRIVATE KEY", to: file, mode: 0o600)
  }
}

/// The public half, which may be given away.
public struct VerifyingKey {
  private let key: Ed25519.PublicKey
  private static let prefix: [UInt8] = [0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00]

  fileprivate init(_ key: Ed25519.PublicKey) { self.key = key }

  /// - Throws: `KeyError` for a file that is no Ed25519 public key.
  public init(file: String) throws {
    let der = try PEM.read(file, label: "PUBLIC KEY")
    guard der.count == Self.prefix.count + 32, der.starts(with: Self.prefix),
      let key = Ed25519.PublicKey(rawRepresentation: der[Self.prefix.count...])
    else { throw KeyError.otherKey(path: file, wanted: "Ed25519 public key") }
    self.key = key
  }

  /// SHA-256 of the key as SubjectPublicKeyInfo, to be read out or printed: `openssl pkey -pubin -outform DER | sha256sum`.
  public var fingerprint: String {
    FileDigest.hex(SHA256.hash(data: Data(Self.prefix + key.rawRepresentation)))
  }

  public func isValid(_ signature: [UInt8], of bytes: [UInt8]) -> Bool { key.isValidSignature(signature, for: bytes) }

  /// - Throws: `KeyError.exists` rather than to replace a file.
  public func write(to file: String) throws {
    try PEM.write(Self.prefix + key.rawRepresentation, label: "PUBLIC KEY", to: file, mode: 0o644)
  }
}

public enum KeyError: Error, Sendable, Equatable, CustomStringConvertible {
  case unreadable(path: String, reason: String)
  case encrypted(path: String)
  case otherKey(path: String, wanted: String)
  case exists(path: String)
  case unwritable(path: String, reason: String)

  public var description: String {
    switch self {
    case .unreadable(let path, let reason): "\(path): cannot be read (\(reason))."
    case .encrypted(let path):
      "\(path): this key is encrypted. Decrypt it into a file of your own, 'openssl pkey -in KEY -out PLAIN', and remove that afterwards."
    case .otherKey(let path, let wanted):
      "\(path): this is no \(wanted) in PEM. Make one with 'clearbox sign --new-key FILE' or 'openssl genpkey -algorithm ed25519'."
    case .exists(let path): "\(path): a file is there already, and no key replaces it. Give another name."
    case .unwritable(let path, let reason): "\(path): cannot be written (\(reason))."
    }
  }
}

private enum PEM {
  /// The bytes between the first BEGIN and END of a label.
  static func read(_ file: String, label: String) throws -> [UInt8] {
    let text: String
    do { text = try String(contentsOfFile: file, encoding: .utf8) } catch {
      throw KeyError.unreadable(path: file, reason: error.localizedDescription)
    }
    if text.contains("-----BEGIN ENCRYPTED PRIVATE KEY-----") { throw KeyError.encrypted(path: file) }
    guard let begin = text.range(of: "-----BEGIN \(label)-----"),
      let end = text.range(of: "-----END \(label)-----", range: begin.upperBound..<text.endIndex),
      let data = Data(base64Encoded: String(text[begin.upperBound..<end.lowerBound].filter { !$0.isWhitespace }))
    else { throw KeyError.otherKey(path: file, wanted: "Ed25519 \(label.lowercased())") }
    return Array(data)
  }

  static func write(_ der: [UInt8], label: String, to file: String, mode: mode_t) throws {
    let text = "-----BEGIN \(label)-----\n\(Data(der).base64EncodedString())\n-----END \(label)-----\n"
    // The mode is the file's from its first moment on, and nothing that is there is opened.
    let descriptor = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
    guard descriptor >= 0 else {
      if errno == EEXIST { throw KeyError.exists(path: file) }
      throw KeyError.unwritable(path: file, reason: String(cString: strerror(errno)))
    }
    let bytes = Array(text.utf8)
    let written = Foundation.write(descriptor, bytes, bytes.count)
    guard close(descriptor) == 0, written == bytes.count else {
      let reason = String(cString: strerror(errno))
      unlink(file)
      throw KeyError.unwritable(path: file, reason: reason)
    }
  }
}
