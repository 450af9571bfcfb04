/// Uninitialised memory on a cache line's boundary, freed with its last reference. The storage of everything that
/// kernels touch.
///
/// Unchecked: whoever holds it decides which part which thread may write.
public final class AlignedBuffer<Element: BitwiseCopyable>: @unchecked Sendable {
  public let pointer: UnsafeMutablePointer<Element>
  public let count: Int

  /// - Parameter zeroed: fill with zero bytes.
  public init(count: Int, zeroed: Bool = false) {
    precondition(count >= 0, "a buffer has no negative size")
    self.count = count
    let bytes = max(count * MemoryLayout<Element>.stride, 1)
    let raw = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
    if zeroed { raw.initializeMemory(as: UInt8.self, repeating: 0, count: bytes) }
    pointer = raw.bindMemory(to: Element.self, capacity: max(count, 1))
  }

  public convenience init(_ values: [Element]) {
    self.init(count: values.count)
    values.withUnsafeBufferPointer { source in
      if let base = source.baseAddress { pointer.update(from: base, count: source.count) }
    }
  }

  deinit { UnsafeMutableRawPointer(pointer).deallocate() }

  public var values: [Element] { Array(UnsafeBufferPointer(start: pointer, count: count)) }

  public subscript(index: Int) -> Element {
    get { pointer[index] }
    set { pointer[index] = newValue }
  }
}
