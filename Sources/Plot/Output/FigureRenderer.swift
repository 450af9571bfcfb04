import CCairo
import Foundation

/// A figure in the formats that people use: SVG for pages, PDF for print, PNG for blogs.
///
/// The bytes depend on the figure, the width, the theme, `date` and `creator`, and on nothing else: not on the clock, the
/// order of rendering, the locale or the time zone.
public struct FigureRenderer {
  public let fonts: FontFamily
  /// ISO 8601 in UTC, e.g. the run's finish time: PDF dates.
  public let date: String
  /// E.g. "clearbox 1.0.0": PDF's creator and PNG's software.
  public let creator: String

  /// Cairo 1.16 shares scaled fonts between threads, and aborts where one lets go of what another draws with.
  private static let scaledFonts = NSLock()

  public init(fonts: FontFamily, date: String, creator: String) {
    self.fonts = fonts
    self.date = date
    self.creator = creator
  }

  // MARK: SVG

  /// A file of its own, with the theme's ground.
  public func svg(_ figure: Figure, theme: Theme, width: Points = .doubleColumn) throws(PlotError) -> String {
    let list = try figure.drawing(width: width, fonts: fonts)
    let raw = try rawSVG(list, color: { theme[$0] }, place: figure.key)
    // Two files pasted into one page must not share ids either: a checksum of the drawing tells them apart.
    let mark = SVGDocument(raw, idPrefix: figure.key).checksum
    return SVGDocument(raw, idPrefix: "\(figure.key)-\(mark)").standalone(
      figure, list: list, creator: creator, date: date)
  }

  /// For a place in an HTML page, with colours as CSS variables `--fig-<role>`, which the page sets for light and dark.
  /// - Parameter variant: tells several renderings of a figure in one page apart, e.g. "wide".
  public func inlineSVG(_ figure: Figure, variant: String, width: Points) throws(PlotError) -> String {
    try inline(figure, variant: variant, width: width).svg
  }

  /// The same with its shapes, for what is to lie over them.
  public func inline(
    _ figure: Figure, variant: String, width: Points
  ) throws(PlotError) -> (svg: String, list: DrawList) {
    let list = try figure.drawing(width: width, fonts: fonts)
    let raw = try rawSVG(list, color: RoleCode.encode, place: figure.key)
    return (SVGDocument(raw, idPrefix: "\(figure.key)-\(variant)").inline(figure, list: list), list)
  }

  private func rawSVG(_ list: DrawList, color: @escaping (ColorRole) -> RGB, place: String) throws(PlotError) -> String
  {
    let sink = ByteSink()
    guard
      let surface = cairo_svg_surface_create_for_stream(
        ByteSink.write, sink.closure, list.width.value, list.height.value)
    else { throw .drawing(status: "no SVG surface", place: place) }
    cairo_svg_surface_restrict_to_version(surface, CAIRO_SVG_VERSION_1_2)
    try finish(surface, list, color: color, scale: 1, place: place)
    return String(decoding: sink.bytes, as: UTF8.self)
  }

  // MARK: PDF

  public func pdf(_ figure: Figure, theme: Theme = .light, width: Points = .doubleColumn) throws(PlotError) -> [UInt8] {
    let list = try figure.drawing(width: width, fonts: fonts)
    let sink = ByteSink()
    guard
      let surface = cairo_pdf_surface_create_for_stream(
        ByteSink.write, sink.closure, list.width.value, list.height.value)
    else { throw .drawing(status: "no PDF surface", place: figure.key) }
    cairo_pdf_surface_restrict_to_version(surface, CAIRO_PDF_VERSION_1_5)
    for (key, value) in [
      (CAIRO_PDF_METADATA_TITLE, figure.title), (CAIRO_PDF_METADATA_SUBJECT, figure.altText.plain),
      (CAIRO_PDF_METADATA_KEYWORDS, figure.source), (CAIRO_PDF_METADATA_CREATOR, creator),
      (CAIRO_PDF_METADATA_CREATE_DATE, date),
      (CAIRO_PDF_METADATA_MOD_DATE, date),
    ] {
      cairo_pdf_surface_set_metadata(surface, key, value)
    }
    try finish(surface, list, color: { theme[$0] }, scale: 1, place: figure.key)
    return sink.bytes
  }

  // MARK: PNG

  /// - Parameter pixelRatio: 1 for 96 pixels per inch, 2 for sharp screens.
  public func png(
    _ figure: Figure, theme: Theme = .light, width: Points = .doubleColumn, pixelRatio: Int = 1
  ) throws(PlotError) -> [UInt8] {
    let list = try figure.drawing(width: width, fonts: fonts)
    let scale = 96.0 / 72 * Double(pixelRatio)
    let pixels = (
      Int32((list.width.value * scale).rounded(.up)), Int32((list.height.value * scale).rounded(.up))
    )
    guard let surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, pixels.0, pixels.1) else {
      throw .drawing(status: "no image surface", place: figure.key)
    }
    defer { cairo_surface_destroy(surface) }
    // The last row and column of pixels may be cut by the drawing's edge: ground first, everywhere.
    var grounded = list
    grounded.commands.insert(
      DrawCommand(
        .ground,
        shape: .path(
          .box(Box(left: 0, top: 0, width: list.width + 2, height: list.height + 2)), fill: Paint(.ground),
          stroke: nil)), at: 0)
    try play(grounded, { theme[$0] }, on: surface, scale: scale, place: figure.key)
    guard cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS, let data = cairo_image_surface_get_data(surface) else {
      throw .drawing(status: String(cString: cairo_status_to_string(cairo_surface_status(surface))), place: figure.key)
    }
    return PNGFile(
      width: Int(pixels.0), height: Int(pixels.1), pixelsPerInch: 96 * pixelRatio,
      texts: [
        ("Title", figure.title), ("Description", figure.altText.plain), ("Source", figure.source),
        ("Software", creator),
        ("Creation Time", date),
      ]
    ).bytes(pixels: data, stride: Int(cairo_image_surface_get_stride(surface)))
  }

  private func finish(
    _ surface: OpaquePointer, _ list: DrawList, color: @escaping (ColorRole) -> RGB, scale: Double, place: String
  ) throws(PlotError) {
    defer { cairo_surface_destroy(surface) }
    try play(list, color, on: surface, scale: scale, place: place)
    let status = cairo_surface_status(surface)
    guard status == CAIRO_STATUS_SUCCESS else {
      throw .drawing(status: String(cString: cairo_status_to_string(status)), place: place)
    }
  }

  private func play(
    _ list: DrawList, _ color: @escaping (ColorRole) -> RGB, on surface: OpaquePointer, scale: Double, place: String
  ) throws(PlotError) {
    Self.scaledFonts.lock()
    defer { Self.scaledFonts.unlock() }
    try CairoPlayer(fonts: fonts, color: color).play(list, on: surface, scale: scale, place: place)
    if cairo_surface_get_type(surface) == CAIRO_SURFACE_TYPE_IMAGE {
      cairo_surface_flush(surface)
    } else {
      cairo_surface_finish(surface)
    }
  }
}
