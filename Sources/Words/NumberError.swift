/// A value that is no number, where one was to be printed.
public struct NumberError: Error, Sendable, Equatable, CustomStringConvertible {
  public var value: String
  /// The figure or the quantity.
  public var place: String

  public init(value: String, place: String) {
    self.value = value
    self.place = place
  }

  public var description: String {
    """
    \(place): the value is \(value), which no figure or table can show. Where 'clearbox verify' finds nothing wrong with \
    the run file, this is a mistake in clearbox: please report it.
    """
  }
}
