import CCrypto

/// A digest of bytes that come in pieces, by OpenSSL's libcrypto. A copy goes on by itself.
public protocol Digest: Sendable {
  init()
  mutating func update(bufferPointer: UnsafeRawBufferPointer)
  /// The digest of all bytes so far.
  func finalize() -> [UInt8]
}

extension Digest {
  public mutating func update(data: some Sequence<UInt8>) {
    let isWhole: Void? = data.withContiguousStorageIfAvailable { update(bufferPointer: UnsafeRawBufferPointer($0)) }
    if isWhole == nil { Array(data).withUnsafeBytes { update(bufferPointer: $0) } }
  }

  public static func hash(data: some Sequence<UInt8>) -> [UInt8] {
    var digest = Self()
    digest.update(data: data)
    return digest.finalize()
  }
}

/// FIPS 180-4: 32 bytes.
public struct SHA256: Digest {
  private var state = DigestState(EVP_sha256())
  public init() {}

  public mutating func update(bufferPointer: UnsafeRawBufferPointer) {
    if !isKnownUniquelyReferenced(&state) { state = DigestState(copying: state) }
    state.update(bufferPointer)
  }

  public func finalize() -> [UInt8] { DigestState(copying: state).finish() }
}

/// FIPS 180-4: 20 bytes. For names that Git gave, never for trust.
public struct SHA1: Digest {
  private var state = DigestState(EVP_sha1())
  public init() {}

  public mutating func update(bufferPointer: UnsafeRawBufferPointer) {
    if !isKnownUniquelyReferenced(&state) { state = DigestState(copying: state) }
    state.update(bufferPointer)
  }

  public func finalize() -> [UInt8] { DigestState(copying: state).finish() }
}

/// The library's state of one digest. Its calls fail for lack of memory alone.
///
/// Unchecked: it is changed only by the value that holds it alone.
private final class DigestState: @unchecked Sendable {
  private let context: OpaquePointer

  /// A program that ends does not wait for threads that still hash: the library must not be taken down under them.
  private static let isReady = OPENSSL_init_crypto(UInt64(OPENSSL_INIT_NO_ATEXIT), nil) == 1

  private static func fresh() -> OpaquePointer {
    precondition(isReady, "libcrypto does not start")
    guard let context = EVP_MD_CTX_new() else { preconditionFailure("no memory for a digest") }
    return context
  }

  init(_ kind: OpaquePointer?) {
    context = Self.fresh()
    precondition(EVP_DigestInit_ex(context, kind, nil) == 1, "libcrypto does not know this digest")
  }

  init(copying other: DigestState) {
    context = Self.fresh()
    precondition(EVP_MD_CTX_copy_ex(context, other.context) == 1, "no memory for a digest")
  }

  deinit { EVP_MD_CTX_free(context) }

  func update(_ bytes: UnsafeRawBufferPointer) {
    precondition(EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1, "libcrypto takes any bytes")
  }

  func finish() -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var count: UInt32 = 0
    precondition(EVP_DigestFinal_ex(context, &digest, &count) == 1, "libcrypto ends every digest")
    return Array(digest.prefix(Int(count)))
  }
}
