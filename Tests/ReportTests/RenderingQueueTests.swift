import Foundation
import Plot
import Testing

@testable import Report

@Suite("Rendering on all cores")
struct RenderingQueueTests {
  private func renderer() throws -> FigureRenderer {
    FigureRenderer(fonts: try FontFamily(folder: Shipped.fontsFolder), date: "2026-01-02T03:04:05Z", creator: "test")
  }

  @Test("Files come in the order in which they were added, whichever is done first")
  func order() throws {
    var queue = RenderingQueue()
    for index in 0..<40 {
      queue.add("\(index)") { _ in
        if index % 3 == 0 { usleep(2000) }
        return [UInt8(index)]
      }
    }
    let files = try queue.rendered(renderer)
    #expect(files.map(\.path) == (0..<40).map(String.init))
    #expect(files.map(\.bytes) == (0..<40).map { [UInt8($0)] })
  }

  @Test("Of several errors the first file's is thrown")
  func firstError() {
    struct Failure: Error, Equatable { var index: Int }
    var queue = RenderingQueue()
    for index in 0..<8 {
      queue.add("\(index)") { _ in
        if index == 2 { usleep(5000) }
        if index >= 2 { throw Failure(index: index) }
        return []
      }
    }
    #expect(throws: Failure(index: 2)) { try queue.rendered(renderer) }
  }

  @Test("Tidied text has no trailing space, no run of empty lines, and ends with one line feed")
  func tidied() {
    #expect("\n\n a \t\n\n \n\nb\r\nc".tidied == " a\n\nb\nc\n")
    #expect("a\n\n\n".tidied == "a\n")
    #expect("".tidied == "\n")
    #expect(" \n \n".tidied == "\n")
    #expect("–\u{a0}\n".tidied == "–\u{a0}\n")
  }
}
