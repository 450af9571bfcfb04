import CCairo

/// The library that writes the figures' files.
public enum DrawingLibrary {
  /// "Cairo 1.16.0". Another version may write other bytes for the same drawing.
  public static var version: String { "Cairo " + String(cString: cairo_version_string()) }
}
