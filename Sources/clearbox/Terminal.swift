import Foundation
import Words

/// Text for people: results on standard output, progress and errors on standard error, each written at once.
enum Terminal {
  /// Where standard output takes no more, the command ends with code 2: what it was asked for would not be there.
  static func say(_ line: String = "") {
    do { try deliver(Data((VisibleText.of(line) + "\n").utf8)) } catch { Exit.end(with: error) }
  }

  /// Writes all of `data` to standard output.
  static func deliver(_ data: Data) throws {
    if let reason = write(data, to: STDOUT_FILENO) { throw OutputError.closed(reason) }
  }

  /// What cannot be written is dropped: nobody is left to tell.
  static func write(error text: String) { _ = write(Data(VisibleText.of(text).utf8), to: STDERR_FILENO) }

  /// Writes a live line over itself; empty clears it.
  static func draw(_ line: String) {
    // Back to its beginning; the escape clears what a longer one left behind.
    _ = write(Data("\r\u{1B}[K\(VisibleText.of(line))".utf8), to: STDERR_FILENO)
  }

  static var isLive: Bool { isatty(STDERR_FILENO) == 1 }

  /// The system's reason where not all could be written; nil when it was.
  private static func write(_ data: Data, to descriptor: Int32) -> String? {
    data.withUnsafeBytes { bytes in
      var rest = bytes[...]
      while !rest.isEmpty {
        let count = Foundation.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
        if count >= 0 {
          rest = rest.dropFirst(count)
        } else if errno == EAGAIN {
          // Someone made it non-blocking: wait until it takes more.
          var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
          poll(&waiting, 1, -1)
        } else if errno != EINTR {
          return String(cString: strerror(errno))
        }
      }
      return nil
    }
  }
}
