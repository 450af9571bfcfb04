import Analysis
import Experiments
import FabricatedFindings
import Foundation
import Parquet
import Report

extension FuzzedReader {
  static func parquet(_ bytes: UnsafeBufferPointer<UInt8>, _ scratch: Scratch) throws {
    let bytes = UnsafeRawBufferPointer(bytes)
    guard ParquetFile.isParquet(bytes) else { return }
    let file = try ParquetFile(bytes, path: "corpus.parquet")
    for column in file.columns {
      do { try file.forEach(try file.texts(column.name)) { _ = $0?.last } } catch { _ = "\(error)" }
    }
  }

  static func jsonLines(_ bytes: UnsafeBufferPointer<UInt8>, _ scratch: Scratch) throws {
    let path = try scratch.put(bytes, "corpus.jsonl")
    _ = try Corpus(path: path)
    _ = try Corpus(paths: [path, path], textField: "text", sourceField: "meta.source", room: 16)
  }

  static func study(_ bytes: UnsafeBufferPointer<UInt8>, _ scratch: Scratch) throws {
    let file = try StudyFile(path: scratch.put(bytes, "study.yaml"), environment: [:])
    _ = file.study
  }

  static func authorText(_ bytes: UnsafeBufferPointer<UInt8>, _ scratch: Scratch) throws {
    let author = try AuthorText.read(URL(fileURLWithPath: scratch.put(bytes, "author.yaml")))
    guard let frame else { return }
    _ = try frame.builder.merge(author, into: frame.document, known: Section.Key.ofReport)
  }

  /// A report to merge an author's text into.
  private nonisolated(unsafe) static let frame: (builder: ReportBuilder, document: Document)? = {
    let references = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../../assets/references")
    let findings = Fabricated().findings
    guard let reference = try? PublishedReference.article(in: references),
      let builder = try? ReportBuilder([findings], reference: reference),
      let document = try? ReportBuilder.document(of: [findings], reference: reference)
    else { return nil }
    return (builder, document)
  }()

  /// A page and two partials, with bytes of 1 between. Each file ends with a line feed: Foundation keeps 4 kB for every
  /// empty file that it reads (6.3), which adds up to the fuzzer's limit within 300,000 inputs.
  static func templates(_ bytes: UnsafeBufferPointer<UInt8>, _ scratch: Scratch) throws {
    let folder = scratch.path + "/templates"
    _ = try scratch.put([10], "templates/html/style.css")
    let pages = bytes.split(separator: 1, omittingEmptySubsequences: false)
    for (index, name) in ["page", "part", "other"].enumerated() {
      _ = try scratch.put((index < pages.count ? Array(pages[index]) : []) + [10], "templates/html/\(name).mustache")
    }
    _ = try Templates(folder: URL(fileURLWithPath: folder)).render("html/page", context)
  }

  private static let context: TemplateValue = .object([
    "title": .text("A & B <c>"), "none": .list([]), "yes": .flag(true), "no": .flag(false),
    "items": .list([.object(["name": .text("x")]), .object(["name": .text("y")])]),
    "deep": .object(["er": .object(["key": .text("k")])]),
  ])
}
