import Analysis
import FabricatedFindings
import Foundation
import Testing
import Words

@testable import Plot
@testable import Report

/// Figures of more than one model.
extension StudyFigureTests {
  @Test("Every figure names every model in its alt text and its numbers", arguments: kinds)
  func namesModels(kind: StudyFigure) throws {
    let figure = try #require(try figure(kind, of: Fabricated.article))
    for name in ["gemma-3-4b", "gemma-3-12b"] {
      #expect(figure.altText.plain.contains(name))
      #expect(figure.table.rows.contains { $0[0] == .text(name) })
    }
    #expect(figure.table.columns[0].title == "model")
    #expect(try #require(try self.figure(kind, Fabricated())).table.columns[0].title != "model")
  }

  @Test("Models stand on the same axes, where their numbers can be compared")
  func sharedAxes() throws {
    let fonts = try Shipped.fonts()
    let axes: [(kind: StudyFigure, shared: [(Int, Int)])] = [
      (.overview, [(0, 1)]), (.performance, [(0, 1)]), (.fvu, [(0, 2), (1, 3)]), (.noiseFloor, [(0, 1)]),
      (.tradeoff, [(0, 1), (1, 2), (2, 3)]), (.variance, [(0, 1)]),
    ]
    for (kind, shared) in axes {
      let figure = try #require(try figure(kind, of: Fabricated.article))
      let list = try figure.drawing(width: .doubleColumn, fonts: fonts)
      func ticks(_ panel: Int) -> [[Double]] {
        list.commands.filter { $0.panel == panel }.filter {
          if case .text(let text) = $0.shape { $0.part == .tickLabel && text.style.size > 7 } else { false }
        }.map(\.data)
      }
      for (a, b) in shared { #expect(ticks(a) == ticks(b) && !ticks(a).isEmpty, "\(kind)") }
    }
  }

  @Test("Plotting areas of a column of panels stand in line")
  func aligned() throws {
    let list = try #require(try figure(.fvu, of: Fabricated.article)).drawing(
      width: .doubleColumn, fonts: try Shipped.fonts())
    func left(_ panel: Int) -> Points? {
      list.commands(.rule).first { $0.panel == panel }.flatMap { command in
        if case .path(let path, _, _) = command.shape, case .move(let start)? = path.elements.first {
          start.x
        } else {
          nil
        }
      }
    }
    #expect(left(0) == left(2) && left(1) == left(3) && left(1) != nil)
  }

  @Test("A condition has one style on every model, also where models have other conditions before it")
  func styles() throws {
    var second = Fabricated.article[1]
    second.conditions.remove(at: 1)
    let list = try #require(try figure(.performance, of: [Fabricated.article[0], second])).drawing(
      width: .doubleColumn, fonts: try Shipped.fonts())
    let points = list.commands(.point).filter { $0.series == "nf4" }.compactMap { command -> Paint? in
      if case .path(_, let fill, _) = command.shape { fill } else { nil }
    }
    #expect(points.count == 2 && points[0] == points[1])
    #expect(!list.commands.contains { $0.panel == 1 && $0.series == "int8" })
  }

  @Test("A model without a measure is left out of its figure, and the others are shown")
  func leftOut() throws {
    let figure = try #require(try figure(.fvu, of: .four))
    guard case .panels(let panels, let columns, _) = figure.content else { return }
    let titles = panels.compactMap(\.title)
    #expect(!titles.contains { $0.contains("gemma-3-270m") } && titles.contains { $0.contains("gemma-3-1b") })
    #expect(panels.count == 6 && columns == 2)
  }
}
