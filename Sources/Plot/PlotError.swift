import Words

/// What can be wrong with a figure's data, fonts or files. A figure is right or it is not drawn.
public enum PlotError: Error, Sendable, Equatable, CustomStringConvertible {
  /// A value that is no number: `where` names the figure or the quantity.
  case notFinite(value: String, place: String)
  /// A panel or mark without data.
  case noData(place: String)
  /// A value at or below zero on a logarithmic axis.
  case notPositive(value: Double, place: String)
  /// An interval whose low end is above its high end.
  case reversedInterval(low: Double, high: Double, place: String)
  /// A category that the axis does not list.
  case unknownCategory(String, place: String)
  /// A value outside the domain that an axis states.
  case outsideDomain(value: Double, place: String)
  /// A font file that FreeType cannot open.
  case unreadableFont(path: String)
  /// Cairo refused.
  case drawing(status: String, place: String)

  public var description: String {
    switch self {
    case .notFinite(let value, let place):
      NumberError(value: value, place: place).description
    case .noData(let place):
      "\(place): there is nothing to draw. The run did not measure it; select its experiment in the study."
    case .notPositive(let value, let place):
      "\(place): \(value) cannot stand on a logarithmic axis, which needs values above zero."
    case .reversedInterval(let low, let high, let place):
      "\(place): the interval runs from \(low) to \(high), its ends are the wrong way round."
    case .unknownCategory(let name, let place):
      "\(place): the axis has no category “\(name)”."
    case .outsideDomain(let value, let place):
      "\(place): \(value) lies outside the range that the axis states; leave the range out, or widen it."
    case .unreadableFont(let path):
      """
      \(path): not a font that FreeType can open. Point to the folder with Inter-Regular.otf, Inter-SemiBold.otf \
      and Inter-Italic.otf (assets/fonts in the sources).
      """
    case .drawing(let status, let place):
      "\(place): Cairo could not draw it (\(status))."
    }
  }
}
