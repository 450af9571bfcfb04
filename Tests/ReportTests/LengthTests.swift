import Analysis
import FabricatedFindings
import RunFile
import Testing
import Words

@testable import Report

@Suite("How much there is to read")
struct LengthTests {
  /// The sample's run, and the author's words beside it.
  private static func sample(_ length: ReportLength) throws -> Document {
    let folder = Shipped.root.appendingPathComponent("docs/sample-report")
    let findings = try Findings(of: RunReader(folder.appendingPathComponent("gemma-3-270m.h5").path))
    let author = folder.appendingPathComponent("rendered-from/author.yaml")
    return try ReportBuilder.document(
      of: [findings], reference: Shipped.reference(), author: try? AuthorText.read(author), length: length)
  }

  /// Words of prose outside folds: sentences, lists, notes, headings, captions and remarks; no table cells.
  private func words(_ section: Section) -> Int {
    let prose = section.blocks.flatMap { block -> [Prose] in
      switch block {
      case .heading(let text): [Prose(text)]
      case .paragraph(let prose), .lead(let prose): [prose]
      case .list(let items): items
      case .note(let note): [Prose(note.title), note.text]
      case .table(let table): [table.caption, table.remarks ?? ""]
      case .figure(let figure): [Prose(figure.figure.title), figure.figure.caption]
      case .tiles, .code, .fold: []
      }
    }
    return prose.map { $0.plain.split(separator: " ").count }.reduce(0, +)
  }

  /// The article's experiments have 2,500 words together with all that frames them; each one beyond adds at most 200.
  @Test("One model with three conditions takes at most 2,500 words, an experiment 250, one beyond the article's 200")
  func full() throws {
    let document = try Self.sample(.full)
    let counts = document.sections.map { ($0.key.rawValue, words($0)) }
    let beyond: Set<Section.Key> = ["splice", "features"]
    let added = document.sections.filter { beyond.contains($0.key) }
    for section in added { #expect(words(section) <= 200, "\(section.key.rawValue): \(words(section))") }
    #expect(counts.map(\.1).reduce(0, +) <= 2_500 + 200 * added.count, "\(counts)")
    let experiments: Set<Section.Key> = [
      "performance", "tokens", "reconstruction", "massive", "noiseFloor", "stabilization",
    ]
    for section in document.sections where experiments.contains(section.key) {
      #expect(words(section) <= 250, "\(section.key.rawValue): \(words(section))")
    }
  }

  @Test("The short form takes about 1,200, has the article’s figures, and points at nothing it lacks")
  func short() throws {
    let document = try Self.sample(.short)
    let count = document.sections.map(words).reduce(0, +)
    #expect((700...1_250).contains(count), "\(count)")
    #expect(document.figures.map(\.label) == ["Overview", "Figure 2", "Figure 3", "Figure 4"])
    #expect(document.tables.compactMap(\.label).filter { !$0.isEmpty } == ["Table 1", "Table 2"])
    let anchors = Set(
      document.figures.map { "figure-" + $0.figure.key } + document.tables.map { "table-" + $0.key }
        + document.sections.map(\.key.rawValue))
    for block in document.sections.flatMap(\.blocks) {
      let all: [Prose] =
        switch block {
        case .paragraph(let prose), .lead(let prose): [prose]
        case .list(let items): items
        default: []
        }
      for case .reference(let anchor, _) in all.flatMap(\.inlines) { #expect(anchors.contains(anchor), "\(anchor)") }
    }
    #expect(!document.sections.flatMap(\.blocks).contains { if case .fold = $0 { true } else { false } })
  }

  @Test("Figures and tables have the article’s numbers by their role, ours follow")
  func numbers() throws {
    let document = try Fabricated().document()
    let labels = Dictionary(uniqueKeysWithValues: document.figures.map { ($0.figure.key, $0.label) })
    #expect(labels["encoding"] == "Figure 1" && labels["performance"] == "Figure 2")
    #expect(labels["fvu"] == "Figure 3" && labels["noise-floor"] == "Figure 4")
    #expect(document.figures.map(\.label).filter { $0.hasPrefix("Figure S") } == (1...5).map { "Figure S\($0)" })
    let tables = document.tables.compactMap(\.label)
    #expect(tables.prefix(2) == ["Table 1", "Table 2"] && Set(tables).count == tables.count)
    #expect(tables.suffix(3) == ["Table A1", "Table A2", "Table A3"])
  }

  @Test("Captions are at most three lines", arguments: StudyFigure.all)
  func captions(kind: StudyFigure) throws {
    guard case .figure(let figure) = try kind.outcome(of: [Fabricated().findings]) else { return }
    #expect(
      figure.title.count + figure.caption.plain.count <= 340, "\(figure.title.count + figure.caption.plain.count)")
  }

  @Test("A number stands in one sentence outside folds")
  func once() throws {
    var seen: [String: String] = [:]
    for section in try Self.sample(.full).sections where section.key != .summary {
      for block in section.blocks {
        let all: [Prose] =
          switch block {
          case .paragraph(let prose): [prose]
          case .list(let items): items
          default: []
          }
        for prose in all {
          for id in prose.numberIDs {
            #expect(seen[id] == nil, "\(id) in “\(prose.plain)” and “\(seen[id] ?? "")”")
            seen[id] = prose.plain
          }
        }
      }
    }
  }
}
