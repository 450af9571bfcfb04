import Foundation

/// A CPU as its maker counts them.
public struct CPU: Hashable, Sendable, Codable {
  /// "AuthenticAMD", "GenuineIntel"; empty where the system does not tell.
  public var vendor: String
  public var family: Int
  public var model: Int
  public var stepping: Int
  /// Instruction sets as Linux names them, sorted: "avx512_bf16".
  public var flags: [String]

  /// The one that this program runs on.
  public static let current = CPU(
    information: (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? "")

  /// - Parameter information: text of `/proc/cpuinfo`; the first processor counts.
  public init(information: String) {
    var fields: [String: String] = [:]
    for line in information.split(separator: "\n") {
      let parts = line.split(separator: ":", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
      if parts.count == 2, fields[parts[0]] == nil { fields[parts[0]] = parts[1] }
    }
    func number(_ name: String) -> Int { fields[name].flatMap { Int($0) } ?? 0 }
    vendor = fields["vendor_id"] ?? ""
    family = number("cpu family")
    model = number("model")
    stepping = number("stepping")
    flags = (fields["flags"] ?? fields["Features"] ?? "").split(separator: " ").map(String.init).sorted()
  }

  func has(_ flag: String) -> Bool { flags.contains(flag) }
}
