import Foundation

/// How different two pictures of one size look.
///
/// Both are blurred lightly (3 × 3, binomial: 1 2 1 in each direction), on encoded values, because Cairo and Agg blend
/// encoded values and so keep the sum of an edge's coverage there, wherever in a pixel the edge runs. Then every pixel is
/// converted from sRGB (IEC 61966-2-1) over XYZ to CIELAB with the white D65 (CIE 15:2004, section 8.2.1.1), and compared
/// by ΔE*ab of 1976, the distance in that space. 2.3 is about what people can just notice side by side.
///
/// Pixels further apart than `threshold` count. What matters is their share of the worst tile of 32 × 32 pixels, tiles
/// half overlapping: a wrong digit is as wrong in a large figure as in a small one.
///
/// The limits are from experiments, which the tests repeat. What must be overlooked reaches a ΔE of 6.2 (a shift of a
/// tenth of a pixel), 5.3 (another rasteriser), 6 (another weight of glyphs). What must be seen has two pixels or more of
/// at least 8.3 (a decimal point missing at 7 points; a 6 for an 8 has 9.8).
struct PerceptualDifference {
  static let threshold: Float = 7
  /// The greatest share of a tile that may differ: 1 of 1,024 pixels.
  static let limit = 1.0 / 1024
  static let tile = 32

  /// ΔE of every pixel, row by row.
  let deltas: [Float]
  /// Share of all pixels above the threshold.
  let share: Double
  /// Share of pixels above the threshold in the tile that has most of them; a tile cut by the edge counts as a full one.
  let worstShare: Double

  var isVisible: Bool { worstShare > Self.limit }

  /// Nil for pictures of different sizes, which cannot be compared pixel by pixel.
  init?(_ a: Picture, _ b: Picture) {
    guard a.width == b.width, a.height == b.height else { return nil }
    guard a.pixels != b.pixels else {
      deltas = Array(repeating: 0, count: a.pixels.count)
      (share, worstShare) = (0, 0)
      return
    }
    let (width, height) = (a.width, a.height)
    // Rows that differ, and those that the blur reaches from there; all others are equal.
    let differing = (0..<height).filter {
      a.pixels[$0 * width..<($0 + 1) * width] != b.pixels[$0 * width..<($0 + 1) * width]
    }
    let rows = max(0, differing[0] - 1)..<min(height, differing[differing.count - 1] + 2)
    var deltas = [Float](repeating: 0, count: width * height)
    for (index, (a, b)) in zip(Self.blurred(a, rows), Self.blurred(b, rows)).enumerated() where a != b {
      let d = Self.lab(a) - Self.lab(b)
      deltas[rows.lowerBound * width + index] = (d * d).sum().squareRoot()
    }
    self.deltas = deltas
    // Sums over all rectangles from the corner, so that each tile costs four look-ups.
    var sums = [Int32](repeating: 0, count: (width + 1) * (height + 1))
    for y in 0..<height {
      var row: Int32 = 0
      for x in 0..<width {
        if deltas[y * width + x] > Self.threshold { row += 1 }
        sums[(y + 1) * (width + 1) + x + 1] = sums[y * (width + 1) + x + 1] + row
      }
    }
    func sum(_ x: Int, _ y: Int) -> Int { Int(sums[min(y, height) * (width + 1) + min(x, width)]) }
    var worst = 0
    for top in stride(from: 0, to: height, by: Self.tile / 2) {
      for left in stride(from: 0, to: width, by: Self.tile / 2) {
        let (right, bottom) = (left + Self.tile, top + Self.tile)
        worst = max(worst, sum(right, bottom) - sum(left, bottom) - sum(right, top) + sum(left, top))
      }
    }
    share = Double(sum(width, height)) / Double(width * height)
    worstShare = Double(worst) / Double(Self.tile * Self.tile)
  }

  // MARK: Colour

  /// Linear light of sixteen times an encoded value, which is what the blur's weights sum to.
  private static let linear: [Float] = (0...255 * 16).map { sum in
    let s = Double(sum) / (255 * 16)
    return Float(s <= 0.04045 ? s / 12.92 : pow((s + 0.055) / 1.055, 2.4))
  }

  /// Rows of the blurred picture: red, green, blue, each sixteen times an encoded value.
  private static func blurred(_ picture: Picture, _ rows: Range<Int>) -> [SIMD4<Int32>] {
    let (width, height) = (picture.width, picture.height)
    func row(_ y: Int) -> [SIMD4<Int32>] {
      let line = picture.pixels[y * width..<(y + 1) * width].map {
        SIMD4<Int32>(Int32($0 >> 16), Int32($0 >> 8 & 0xff), Int32($0 & 0xff), 0)
      }
      return line.indices.map { line[max(0, $0 - 1)] &+ line[$0] &* 2 &+ line[min(width - 1, $0 + 1)] }
    }
    var result: [SIMD4<Int32>] = []
    result.reserveCapacity(width * rows.count)
    var (above, here) = (row(max(0, rows.lowerBound - 1)), row(rows.lowerBound))
    for y in rows {
      let below = y + 1 < height ? row(y + 1) : here
      for x in 0..<width { result.append(above[x] &+ here[x] &* 2 &+ below[x]) }
      (above, here) = (here, below)
    }
    return result
  }

  /// CIELAB of a blurred colour: L*, a*, b*, 0.
  private static func lab(_ sum: SIMD4<Int32>) -> SIMD4<Float> {
    func f(_ t: Float) -> Float { t > 216.0 / 24389 ? cbrt(t) : (24389.0 / 27 * t + 16) / 116 }
    let (r, g, b) = (linear[Int(sum.x)], linear[Int(sum.y)], linear[Int(sum.z)])
    let fx = f((0.412_456_4 * r + 0.357_576_1 * g + 0.180_437_5 * b) / 0.950_47)
    let fy = f(0.212_672_9 * r + 0.715_152_2 * g + 0.072_175_0 * b)
    let fz = f((0.019_333_9 * r + 0.119_192_0 * g + 0.950_304_1 * b) / 1.088_83)
    return SIMD4(116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz), 0)
  }

  /// Of a colour alone, 0xRRGGBB.
  static func lab(of color: UInt32) -> SIMD4<Float> {
    lab(blurred(Picture(width: 1, height: 1, pixels: [color]), 0..<1)[0])
  }

  // MARK: To look at

  /// The second picture in pale grey, with what differs from yellow (just counted) to red (ΔE of 60 and more).
  func heatMap(over picture: Picture) -> Picture {
    var map = picture
    for (index, delta) in deltas.enumerated() {
      let pixel = picture.pixels[index]
      if delta > Self.threshold {
        let part = min(1, (delta - Self.threshold) / (60 - Self.threshold))
        map.pixels[index] = 0xff0000 | UInt32(200 * (1 - part)) << 8
      } else {
        let grey = (pixel >> 16 * 3 + (pixel >> 8 & 0xff) * 6 + pixel & 0xff) / 10
        let pale = min(255, 205 + grey / 5)
        map.pixels[index] = pale << 16 | pale << 8 | pale
      }
    }
    return map
  }
}
