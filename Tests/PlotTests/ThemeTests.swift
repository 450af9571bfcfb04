import Testing

@testable import Plot

@Suite("Themes")
struct ThemeTests {
  @Test("Whatever carries meaning has a contrast of 4.5:1 or more on its ground", arguments: [Theme.light, .dark])
  func contrast(theme: Theme) {
    let quiet: Set<ColorRole> = [.ground, .grid, .shade, .axis]
    for role in ColorRole.allCases where !quiet.contains(role) {
      #expect(theme[role].contrast(with: theme[.ground]) >= 4.45, "\(role) in \(theme.name)")
    }
    #expect(theme[.axis].contrast(with: theme[.ground]) >= 3)
  }

  @Test("Contrast is WCAG's: black on white is 21, equal colours are 1")
  func definition() {
    #expect(abs(RGB(0).contrast(with: RGB(0xffffff)) - 21) < 1e-9)
    #expect(RGB(0x777777).contrast(with: RGB(0x777777)) == 1)
    // WebAIM's contrast checker: #767676 on white is 4.54:1.
    #expect(abs(RGB(0x767676).contrast(with: RGB(0xffffff)) - 4.54) < 0.005)
  }

  @Test("The first conditions differ in colour, marker and dash")
  func redundancy() {
    let styles = [MarkStyle.baseline] + (0..<6).map { MarkStyle.condition($0) }
    #expect(Set(styles.map(\.role)).count == styles.count)
    #expect(Set(styles.map(\.marker)).count == styles.count)
    #expect(Set(styles.map(\.dash)).count == styles.count)
  }

  /// Colours that one figure sets side by side.
  private static let together: [[ColorRole]] = [
    [.reference, .series1, .series2, .series3, .series4, .series5, .series6, .series7], [.articleForm, .textbookForm],
    [.axis, .textbookForm, .error],
  ]

  @Test("Colours that stand side by side differ for everyone", arguments: [Theme.light, .dark])
  func colorBlindness(theme: Theme) {
    // Full protanopia and deuteranopia: Machado, Oliveira and Fernandes, IEEE TVCG 15 (2009), table of matrices for
    // severity 1, which act on linear RGB.
    let views: [[[Double]]] = [
      [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
      [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
      [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    ]
    for (index, view) in views.enumerated() {
      for group in Self.together {
        for (rank, a) in group.enumerated() {
          for b in group[(rank + 1)...] {
            let distance = seen(theme[a], by: view).distance(to: seen(theme[b], by: view))
            #expect(distance > (index == 0 ? 20 : 10), "\(a) and \(b), \(theme.name), view \(index): \(distance)")
          }
        }
      }
    }
  }

  /// A colour as someone sees it, in CIELAB.
  private func seen(_ color: RGB, by view: [[Double]]) -> SIMD4<Float> {
    func linear(_ byte: UInt8) -> Double {
      let s = Double(byte) / 255
      return s <= 0.04045 ? s / 12.92 : power((s + 0.055) / 1.055, 2.4)
    }
    func byte(_ value: Double) -> UInt32 {
      let v = min(1, max(0, value))
      return UInt32(((v <= 0.0031308 ? 12.92 * v : 1.055 * power(v, 1 / 2.4) - 0.055) * 255).rounded())
    }
    let light = [color.red, color.green, color.blue].map(linear)
    let bytes = view.map { row in byte(zip(row, light).map { $0 * $1 }.reduce(0, +)) }
    return PerceptualDifference.lab(of: bytes[0] << 16 | bytes[1] << 8 | bytes[2])
  }
}

extension SIMD4<Float> {
  /// ΔE of CIE 1976.
  fileprivate func distance(to other: SIMD4<Float>) -> Float {
    let difference = self - other
    return (difference * difference).sum().squareRoot()
  }
}
