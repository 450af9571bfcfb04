import CCrypto

/// Signatures by RFC 8032, by OpenSSL's libcrypto.
public enum Ed25519 {
  /// The library could not do what it was asked for.
  public struct Failure: Error, CustomStringConvertible, Sendable {
    public let call: String
    public var description: String { "OpenSSL: \(call) failed." }
  }

  public struct PrivateKey {
    private let key: Key
    /// The seed: 32 bytes.
    public let rawRepresentation: [UInt8]

    /// A new key, from the system's source of randomness.
    public init() {
      var generator = SystemRandomNumberGenerator()
      let seed = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
      guard let key = PrivateKey(rawRepresentation: seed) else { preconditionFailure("any 32 bytes are a key") }
      self = key
    }

    /// Nil unless there are 32 bytes.
    public init?(rawRepresentation seed: some Sequence<UInt8>) {
      rawRepresentation = Array(seed)
      guard rawRepresentation.count == 32,
        let key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nil, rawRepresentation, 32)
      else { return nil }
      self.key = Key(key)
    }

    public var publicKey: PublicKey {
      get throws {
        var bytes = [UInt8](repeating: 0, count: 32)
        var count = bytes.count
        guard EVP_PKEY_get_raw_public_key(key.pointer, &bytes, &count) == 1,
          let made = PublicKey(rawRepresentation: bytes)
        else { throw Failure(call: "EVP_PKEY_get_raw_public_key") }
        return made
      }
    }

    /// 64 bytes.
    public func signature(for bytes: [UInt8]) throws -> [UInt8] {
      let context = EVP_MD_CTX_new()
      defer { EVP_MD_CTX_free(context) }
      var signature = [UInt8](repeating: 0, count: 64)
      var count = signature.count
      guard EVP_DigestSignInit(context, nil, nil, nil, key.pointer) == 1,
        EVP_DigestSign(context, &signature, &count, bytes, bytes.count) == 1, count == 64
      else { throw Failure(call: "EVP_DigestSign") }
      return signature
    }
  }

  public struct PublicKey {
    private let key: Key
    /// 32 bytes.
    public let rawRepresentation: [UInt8]

    /// Nil unless there are 32 bytes.
    public init?(rawRepresentation bytes: some Sequence<UInt8>) {
      rawRepresentation = Array(bytes)
      guard rawRepresentation.count == 32,
        let key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, rawRepresentation, 32)
      else { return nil }
      self.key = Key(key)
    }

    public func isValidSignature(_ signature: [UInt8], for bytes: [UInt8]) -> Bool {
      let context = EVP_MD_CTX_new()
      defer { EVP_MD_CTX_free(context) }
      return EVP_DigestVerifyInit(context, nil, nil, nil, key.pointer) == 1
        && EVP_DigestVerify(context, signature, signature.count, bytes, bytes.count) == 1
    }
  }

  private final class Key {
    let pointer: OpaquePointer
    init(_ pointer: OpaquePointer) { self.pointer = pointer }
    deinit { EVP_PKEY_free(pointer) }
  }
}
