/// What stands where nothing was measured: a NaN like any other to those who ask whether it is one, with bits of its own.
///
/// No arithmetic makes these bits (a processor's own NaN has no payload), so an accident of arithmetic is never taken for
/// a token that was not scored. They are 'NS' after the bits of a quiet NaN; float64 has what float32 widens to.
extension Float {
  public static let missing = Float(bitPattern: 0x7fc0_4e53)
  public var isMissing: Bool { bitPattern == Float.missing.bitPattern }
}

extension Double {
  public static let missing = Double(bitPattern: 0x7ff8_09ca_6000_0000)
  public var isMissing: Bool { bitPattern == Double.missing.bitPattern }
}

extension ColumnValues {
  /// `count` times that nothing was measured: NaN, 255 or −1.
  public init(missing count: Int, of type: ColumnDefinition.ElementType) {
    switch type {
    case .uint8: self = .uint8([UInt8](repeating: 255, count: count))
    case .int32: self = .int32([Int32](repeating: -1, count: count))
    case .float32: self = .float32([Float](repeating: .missing, count: count))
    case .float64: self = .float64([Double](repeating: .missing, count: count))
    }
  }

  /// Place of the first NaN or infinity that does not say that nothing was measured; nil where there is none.
  public var firstAccident: Int? {
    switch self {
    case .uint8, .int32: nil
    case .float32(let values): values.firstIndex { !$0.isFinite && !$0.isMissing }
    case .float64(let values): values.firstIndex { !$0.isFinite && !$0.isMissing }
    }
  }
}

extension RunDescription {
  /// The bits that say that nothing was measured, by type, in hexadecimal.
  public struct MissingBits: Codable, Sendable, Equatable {
    public var float32: String
    public var float64: String

    /// Those that are written today.
    public static let own = MissingBits(
      float32: String(Float.missing.bitPattern, radix: 16), float64: String(Double.missing.bitPattern, radix: 16))
  }
}
