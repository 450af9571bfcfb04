import CCurl

/// An http or https address, taken apart by the library that will use it: what is checked is what is asked.
struct WebAddress: Sendable, Equatable {
  let text: String
  let isSecure: Bool
  /// "https://huggingface.co:443": scheme, host and port.
  let origin: String
  let host: String

  /// - Parameter base: what a relative address starts from.
  /// - Returns: nil for what is no address, has another scheme, or holds a user or a password.
  init?(_ text: String, relativeTo base: WebAddress? = nil) {
    guard let url = curl_url() else { return nil }
    defer { curl_url_cleanup(url) }
    let flags = UInt32(CURLU_DISALLOW_USER)
    if let base, curl_url_set(url, CURLUPART_URL, base.text, flags) != CURLUE_OK { return nil }
    guard curl_url_set(url, CURLUPART_URL, text, flags) == CURLUE_OK else { return nil }

    func part(_ part: CURLUPart, _ flags: UInt32 = 0) -> String? {
      var value: UnsafeMutablePointer<CChar>?
      guard curl_url_get(url, part, &value, flags) == CURLUE_OK, let value else { return nil }
      defer { curl_free(value) }
      return String(cString: value)
    }
    guard let whole = part(CURLUPART_URL), let scheme = part(CURLUPART_SCHEME), let host = part(CURLUPART_HOST),
      let port = part(CURLUPART_PORT, UInt32(CURLU_DEFAULT_PORT)), scheme == "https" || scheme == "http"
    else { return nil }
    self.text = whole
    self.host = host
    isSecure = scheme == "https"
    origin = "\(scheme)://\(host.lowercased()):\(port)"
  }
}
