extension String {
  /// With the apostrophe of print, and with a slash that the shipped font has.
  public var typeset: String { String(map { $0 == "'" ? "’" : $0 == "∕" ? "/" : $0 }) }

  /// "all tokens" → "All tokens".
  public var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
