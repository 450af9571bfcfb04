import Foundation
import Plot
import Testing

@Suite struct Preview {
  @Test func preview() throws {
    guard let dir = ProcessInfo.processInfo.environment["CLEARBOX_PREVIEW"] else { return }
    let out = URL(fileURLWithPath: dir)
    let fonts = try FontFamily(folder: URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../assets/fonts"))
    let r = FigureRenderer(fonts: fonts, date: "2026-03-01T10:11:42Z", creator: "clearbox 1.0.0")
    var many = Fabricated()
    many.conditions += [
      .init(name: "nf4-f32", label: "NF4, f32", kind: "nf4", bits: 11.59, change: 0.4001, half: 0.02, fvuFactor: 1.09, perturbation: 0.33, agreement: 0.7, kl: 0.37),
      .init(name: "int8-cpu", label: "LLM.int8 cpu", kind: "int8", bits: 13.03, change: 0.0283, half: 0.004, fvuFactor: 1.01, perturbation: 0.128, agreement: 0.9, kl: 0.027),
      .init(name: "nf4-plain", label: "NF4", kind: "nf4", bits: 11.73, change: 0.38, half: 0.02, fvuFactor: 1.085, perturbation: 0.32, agreement: 0.72, kl: 0.36),
      .init(name: "q8-long-name", label: "Q8", kind: "q8", bits: 13.4, change: 0.01, half: 0.004, fvuFactor: 0.998, perturbation: 0.1, agreement: 0.93, kl: 0.02),
      .init(name: "q2", label: "Q2", kind: "q2", bits: 10.2, change: 1.9, half: 0.1, fvuFactor: 1.7, perturbation: 0.9, agreement: 0.3, kl: 2.0),
    ]
    for (name, f) in [("a", Fabricated()), ("many", many)] {
      for kind in StudyFigures.Kind.allCases {
        guard case .figure(let figure) = try StudyFigures.make(kind, from: f.findings) else { continue }
        try Data(r.png(figure, pixelRatio: 2)).write(to: out.appendingPathComponent("\(name)-\(figure.key)-wide.png"))
        try Data(r.png(figure, theme: .dark, width: .singleColumn, pixelRatio: 2)).write(to: out.appendingPathComponent("\(name)-\(figure.key)-narrow.png"))
        try Data(r.pdf(figure)).write(to: out.appendingPathComponent("\(name)-\(figure.key).pdf"))
        try Data(r.svg(figure, theme: .light).utf8).write(to: out.appendingPathComponent("\(name)-\(figure.key).svg"))
        try Data(r.inlineSVG(figure, variant: "wide", width: .doubleColumn).utf8).write(to: out.appendingPathComponent("\(name)-\(figure.key)-inline.svg"))
      }
    }
  }
}
