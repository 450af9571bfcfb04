import Foundation

/// Addresses of this machine and of networks around it: a server somewhere else has no business to send us there.
enum NearAddress {
  /// Whether an address is loopback, link-local, private or unspecified. Of other families than IPv4 and IPv6, all are.
  ///
  /// Source: IANA's registries of special-purpose addresses.
  static func contains(_ address: UnsafePointer<sockaddr>, length: Int) -> Bool {
    switch Int32(address.pointee.sa_family) {
    case AF_INET where length >= MemoryLayout<sockaddr_in>.size:
      return address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { address in
        withUnsafeBytes(of: address.pointee.sin_addr) { contains(ipv4: Array($0)) }
      }
    case AF_INET6 where length >= MemoryLayout<sockaddr_in6>.size:
      return address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { address in
        withUnsafeBytes(of: address.pointee.sin6_addr) { contains(ipv6: Array($0)) }
      }
    default: return true
    }
  }

  /// - Parameter bytes: four, in the order of the text.
  static func contains(ipv4 bytes: [UInt8]) -> Bool {
    switch (bytes[0], bytes[1]) {
    case (0, _), (10, _), (127, _), (169, 254), (192, 168): true
    case (100, 64...127), (172, 16...31): true
    default: false
    }
  }

  /// - Parameter bytes: sixteen.
  static func contains(ipv6 bytes: [UInt8]) -> Bool {
    let last = Array(bytes[12...])
    // ::, ::1, IPv4 in IPv6 (::ffff:0:0/96) and its translation (64:ff9b::/96).
    if bytes[..<12].allSatisfy({ $0 == 0 }) { return true }
    if bytes[..<10].allSatisfy({ $0 == 0 }), bytes[10] == 0xff, bytes[11] == 0xff { return contains(ipv4: last) }
    if bytes.starts(with: [0, 0x64, 0xff, 0x9b]), bytes[4..<12].allSatisfy({ $0 == 0 }) { return contains(ipv4: last) }
    return bytes[0] & 0xfe == 0xfc || (bytes[0] == 0xfe && bytes[1] & 0xc0 == 0x80)
  }
}
