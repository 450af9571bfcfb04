import Foundation

/// Memory for a decompressed page. A class because pages and dictionaries view it while it lives.
///
/// Asked for with `malloc`, so that a damaged file's impossible size is an error and no crash.
final class PageBuffer {
  private(set) var bytes = UnsafeMutableRawBufferPointer(start: nil, count: 0)
  private var memory: UnsafeMutableRawPointer?
  private var capacity = 0

  /// Makes room for `count` bytes; what was there is lost.
  func resize(_ count: Int) throws {
    if count > capacity {
      free(memory)
      (memory, capacity) = (nil, 0)
      guard let new = malloc(count) else { throw Fault.damaged("a page of \(count) bytes does not fit into memory") }
      (memory, capacity) = (new, count)
    }
    bytes = UnsafeMutableRawBufferPointer(start: memory, count: count)
  }

  deinit { free(memory) }
}
