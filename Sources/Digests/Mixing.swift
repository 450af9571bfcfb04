/// Numbers that look random, of a text or of another number: for seeds and for groups, not for secrets.
public enum Mixing {
  /// FNV-1a.
  public static func fnv1a(_ text: String, on start: UInt64 = 0) -> UInt64 {
    text.utf8.reduce(0xCBF2_9CE4_8422_2325 ^ start) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
  }

  /// splitmix64's step and finalizer.
  public static func splitmix64(_ value: UInt64) -> UInt64 {
    var z = value &+ 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
