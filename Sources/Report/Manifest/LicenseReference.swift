import Foundation

/// A licence as others can look it up.
struct LicenseReference: Equatable {
  /// An address; of an SPDX identifier, that of its page.
  let address: String
  let name: String

  /// - Parameter text: an SPDX identifier (`CC-BY-4.0`), or an address that begins with http:// or https://.
  init?(_ text: String) {
    if text.hasPrefix("https://") || text.hasPrefix("http://") {
      guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), let url = URL(string: text), url.host() != nil else {
        return nil
      }
      (address, name) = (text, text)
      return
    }
    guard !text.isEmpty,
      text.utf8.allSatisfy({
        switch $0 {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "+"):
          true
        default: false
        }
      })
    else { return nil }
    (address, name) = ("https://spdx.org/licenses/" + text, text)
  }
}
