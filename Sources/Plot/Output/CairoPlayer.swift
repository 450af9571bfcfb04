import CCairo

/// Plays a draw list on a Cairo surface: no layout happens here, and every backend goes through it.
struct CairoPlayer {
  let fonts: FontFamily
  /// Colour of a role: a theme's, or a code that a later step turns into a CSS variable.
  let color: (ColorRole) -> RGB

  /// - Parameter scale: surface units per point.
  func play(_ list: DrawList, on surface: OpaquePointer, scale: Double, place: String) throws(PlotError) {
    guard let context = cairo_create(surface) else { throw .drawing(status: "out of memory", place: place) }
    defer { cairo_destroy(context) }
    cairo_scale(context, scale, scale)
    let options = cairo_font_options_create()
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE)
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF)
    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY)
    cairo_set_font_options(context, options)
    cairo_font_options_destroy(options)
    cairo_set_line_join(context, CAIRO_LINE_JOIN_ROUND)

    for command in list.commands {
      switch command.shape {
      case .path(let path, let fill, let stroke):
        if let fill {
          trace(path, context)
          set(fill, context)
          cairo_fill(context)
        }
        if let stroke {
          trace(path, context)
          set(stroke.paint, context)
          cairo_set_line_width(context, stroke.width.value)
          cairo_set_line_cap(context, stroke.isRound ? CAIRO_LINE_CAP_ROUND : CAIRO_LINE_CAP_BUTT)
          let dash = stroke.dash.map(\.value)
          cairo_set_dash(context, dash, Int32(dash.count), 0)
          cairo_stroke(context)
        }
      case .text(let text):
        try show(text, context)
      }
    }
    let status = cairo_status(context)
    guard status == CAIRO_STATUS_SUCCESS else {
      throw .drawing(status: String(cString: cairo_status_to_string(status)), place: place)
    }
  }

  private func set(_ paint: Paint, _ context: OpaquePointer) {
    let rgb = color(paint.role)
    cairo_set_source_rgba(
      context, Double(rgb.red) / 255, Double(rgb.green) / 255, Double(rgb.blue) / 255, paint.opacity)
  }

  private func show(_ text: PlacedText, _ context: OpaquePointer) throws(PlotError) {
    let (glyphs, _) = try fonts.layout(text.text, style: text.style.font, size: text.style.size)
    set(Paint(text.style.role), context)
    cairo_save(context)
    cairo_translate(context, text.origin.x.value, text.origin.y.value)
    if text.isVertical { cairo_rotate(context, -Double.pi / 2) }
    var rest = glyphs[...]
    while let first = rest.first {
      let run = rest.prefix { $0.face == first.face }
      cairo_set_font_face(context, first.face)
      cairo_set_font_size(context, text.style.size.value)
      cairo_show_glyphs(
        context, run.map { cairo_glyph_t(index: $0.index, x: $0.x.value, y: 0) }, Int32(run.count))
      rest = rest.dropFirst(run.count)
    }
    cairo_restore(context)
  }

  private func trace(_ path: Path, _ context: OpaquePointer) {
    cairo_new_path(context)
    for element in path.elements {
      switch element {
      case .move(let p): cairo_move_to(context, p.x.value, p.y.value)
      case .line(let p): cairo_line_to(context, p.x.value, p.y.value)
      case .curve(let a, let b, let c):
        cairo_curve_to(context, a.x.value, a.y.value, b.x.value, b.y.value, c.x.value, c.y.value)
      case .circle(let center, let radius):
        cairo_new_sub_path(context)
        cairo_arc(context, center.x.value, center.y.value, radius.value, 0, 2 * Double.pi)
        cairo_close_path(context)
      case .box(let box, let corner):
        guard corner > 0 else {
          cairo_rectangle(context, box.left.value, box.top.value, box.width.value, box.height.value)
          continue
        }
        let r = corner.value
        let (l, t, w, h) = (box.left.value, box.top.value, box.width.value, box.height.value)
        cairo_new_sub_path(context)
        cairo_arc(context, l + w - r, t + r, r, -Double.pi / 2, 0)
        cairo_arc(context, l + w - r, t + h - r, r, 0, Double.pi / 2)
        cairo_arc(context, l + r, t + h - r, r, Double.pi / 2, Double.pi)
        cairo_arc(context, l + r, t + r, r, Double.pi, Double.pi * 3 / 2)
        cairo_close_path(context)
      case .close: cairo_close_path(context)
      }
    }
  }
}

/// Collects what Cairo writes.
final class ByteSink {
  var bytes: [UInt8] = []

  /// For Cairo's stream functions: the closure is the sink, passed unretained, so it must outlive the surface.
  static let write: cairo_write_func_t = { closure, data, count in
    guard let closure, let data else { return CAIRO_STATUS_WRITE_ERROR }
    let sink = Unmanaged<ByteSink>.fromOpaque(closure).takeUnretainedValue()
    sink.bytes.append(contentsOf: UnsafeBufferPointer(start: data, count: Int(count)))
    return CAIRO_STATUS_SUCCESS
  }

  var closure: UnsafeMutableRawPointer { Unmanaged.passUnretained(self).toOpaque() }
}
