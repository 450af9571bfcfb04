import CCairo
import Codecs

@testable import Plot

/// Pixels of a figure, 0x00RRGGBB, row by row from the top.
struct Picture: Equatable {
  var width: Int
  var height: Int
  var pixels: [UInt32]

  struct Unreadable: Error, CustomStringConvertible { var description: String }

  /// Reads a PNG file with libpng, through Cairo.
  init(png bytes: [UInt8]) throws {
    var rest = bytes[...]
    let read: cairo_read_func_t = { closure, data, count in
      let rest = closure!.assumingMemoryBound(to: ArraySlice<UInt8>.self)
      guard rest.pointee.count >= count else { return CAIRO_STATUS_READ_ERROR }
      rest.pointee.prefix(Int(count)).withUnsafeBufferPointer { data!.update(from: $0.baseAddress!, count: Int(count)) }
      rest.pointee = rest.pointee.dropFirst(Int(count))
      return CAIRO_STATUS_SUCCESS
    }
    let surface = withUnsafeMutablePointer(to: &rest) { cairo_image_surface_create_from_png_stream(read, $0) }
    defer { cairo_surface_destroy(surface) }
    guard let surface, cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS else {
      throw Unreadable(description: "not a PNG file that libpng can read")
    }
    self = try Picture.of(surface)
  }

  /// A draw list played on the theme's ground.
  /// - Parameter scale: pixels per point.
  static func drawing(
    _ list: DrawList, theme: Theme = .light, scale: Double = 96.0 / 72, fonts: FontFamily
  ) throws -> Picture {
    let surface = cairo_image_surface_create(
      CAIRO_FORMAT_RGB24, Int32((list.width.value * scale).rounded(.up)),
      Int32((list.height.value * scale).rounded(.up)))
    defer { cairo_surface_destroy(surface) }
    guard let surface else { throw Unreadable(description: "no image surface") }
    var grounded = list
    let page = Box(left: 0, top: 0, width: list.width + 2, height: list.height + 2)
    grounded.commands.insert(DrawCommand(.ground, shape: .path(.box(page), fill: Paint(.ground), stroke: nil)), at: 0)
    try CairoPlayer(fonts: fonts, color: { theme[$0] }).play(grounded, on: surface, scale: scale, place: "picture")
    return try of(surface)
  }

  init(width: Int, height: Int, pixels: [UInt32]) {
    self.width = width
    self.height = height
    self.pixels = pixels
  }

  /// Whatever the surface's format: it is painted on one of ours.
  private static func of(_ surface: OpaquePointer) throws -> Picture {
    let (width, height) = (cairo_image_surface_get_width(surface), cairo_image_surface_get_height(surface))
    let own = cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height)
    defer { cairo_surface_destroy(own) }
    let context = cairo_create(own)
    cairo_set_source_surface(context, surface, 0, 0)
    cairo_paint(context)
    cairo_destroy(context)
    cairo_surface_flush(own)
    guard let data = cairo_image_surface_get_data(own) else { throw Unreadable(description: "no pixels") }
    let stride = Int(cairo_image_surface_get_stride(own))
    var pixels: [UInt32] = []
    pixels.reserveCapacity(Int(width) * Int(height))
    for y in 0..<Int(height) {
      let row = UnsafeRawPointer(data + y * stride)
      for x in 0..<Int(width) {
        pixels.append(row.loadUnaligned(fromByteOffset: 4 * x, as: UInt32.self) & 0xff_ffff)
      }
    }
    return Picture(width: Int(width), height: Int(height), pixels: pixels)
  }

  /// As small a PNG file as unfiltered rows give: 256 colours where they do, the frequent ones as they are, rare ones as
  /// the nearest of these, which no eye and no comparison here can tell; else all. No text, no date.
  var png: [UInt8] {
    let colors = colors
    func channels(_ pixel: UInt32) -> [UInt8] { [UInt8(pixel >> 16), UInt8(pixel >> 8 & 0xff), UInt8(pixel & 0xff)] }
    func bigEndian(_ value: Int) -> [UInt8] { (0..<4).reversed().map { UInt8(value >> ($0 * 8) & 0xff) } }
    func chunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
      let body = Array(type.utf8) + data
      return bigEndian(data.count) + body + bigEndian(Int(body.withUnsafeBytes { crc32($0) }))
    }
    var rows: [UInt8] = []
    for y in 0..<height {
      rows.append(0)
      for pixel in pixels[y * width..<(y + 1) * width] {
        if let colors { rows.append(colors.numbers[pixel] ?? 0) } else { rows += channels(pixel) }
      }
    }
    var file: [UInt8] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
    file += chunk("IHDR", bigEndian(width) + bigEndian(height) + [8, colors == nil ? 2 : 3, 0, 0, 0])
    if let colors { file += chunk("PLTE", colors.palette.flatMap(channels)) }
    return file + chunk("IDAT", zlibCompressed(rows, level: 12)) + chunk("IEND", [])
  }

  /// At most 256 colours, and the number of the one that stands for each of the picture's; nil where one of them would be
  /// more than nine 255ths of a channel off.
  private var colors: (palette: [UInt32], numbers: [UInt32: UInt8])? {
    var counts: [UInt32: Int] = [:]
    for pixel in pixels { counts[pixel, default: 0] += 1 }
    let ordered = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(\.key)
    func distance(_ a: UInt32, _ b: UInt32) -> Int {
      [16, 8, 0].map { abs(Int(a >> $0 & 0xff) - Int(b >> $0 & 0xff)) }.max() ?? 0
    }
    // The least distance that leaves few enough.
    var palette = ordered
    var least = 0
    while palette.count > 256 {
      least += 3
      guard least <= 9 else { return nil }
      palette = []
      for color in ordered where !palette.contains(where: { distance($0, color) <= least }) {
        palette.append(color)
        if palette.count > 256 { break }
      }
    }
    let exact = Dictionary(uniqueKeysWithValues: palette.enumerated().map { ($0.element, UInt8($0.offset)) })
    let numbers = ordered.map { color in
      let nearest =
        exact[color] ?? UInt8(palette.indices.min { distance(palette[$0], color) < distance(palette[$1], color) } ?? 0)
      return (color, nearest)
    }
    return (palette, Dictionary(uniqueKeysWithValues: numbers))
  }
}
