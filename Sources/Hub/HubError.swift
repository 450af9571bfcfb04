/// Why something could not be fetched from the Hub, or found in its cache.
public enum HubError: Error, Equatable, Sendable, CustomStringConvertible {
  case notFetched(HubReference, missing: [String], cache: String)
  case offline(HubReference)
  case badEndpoint(String)
  case badTokenText(place: String)

  case noRepository(HubRepository, endpoint: String, hasToken: Bool)
  case gated(page: String, hasToken: Bool)
  case tokenRefused(endpoint: String)
  case noRevision(HubRepository, revision: String)
  case noFile(HubRepository, path: String, commit: String)
  case nothingThere(HubReference, needed: String, near: [String])
  case refused(subject: String, status: Int, message: String)
  case notAListing(address: String, problem: String)
  case noTransfers

  case unreachable(subject: String, reason: String, attempts: Int)
  case mustWait(subject: String, seconds: Int)
  case strayRedirect(subject: String, problem: String)
  case wrongContent(HubRepository, path: String, expected: String, found: String)

  case noSpace(folder: String, needed: Int, free: Int)
  case local(path: String, action: String, reason: String)

  public var description: String {
    switch self {
    case .notFetched(let reference, let missing, let cache):
      "\(reference): \(Self.lack(missing, in: cache))"
    case .offline(let reference):
      "\(reference) cannot be looked up: HF_HUB_OFFLINE is set. Unset it to fetch."
    case .noTransfers:
      "libcurl cannot be set up. Is there memory left, and is libcurl the one that clearbox was built with?"
    case .badEndpoint(let text):
      "HF_ENDPOINT is \(text): an address that starts with https:// or http:// is needed, without user and password."
    case .badTokenText(let place):
      "\(place) holds no token: a token is one word of letters, digits and signs. Copy it again from the Hub's settings."
    case .noRepository(let repository, let endpoint, let hasToken):
      "\(endpoint)/\(repository): there is no such repository, or it is private"
        + (hasToken ? " and the token's account may not see it." : ". Check the name; for a private one, set HF_TOKEN.")
    case .gated(let page, let hasToken):
      hasToken
        ? "\(page): the repository is gated, and the token's account has no access. Visit that page with the account, accept its terms, and see that the token may read gated repositories."
        : "\(page): the repository is gated. Visit that page, accept its terms, and set HF_TOKEN to a token of your account."
    case .tokenRefused(let endpoint):
      "\(endpoint) refuses the token: it is wrong or no longer valid. Set HF_TOKEN to a valid one, or unset it."
    case .noRevision(let repository, let revision):
      "\(repository) has no revision \(revision). Give a branch, a tag or a commit that it has."
    case .noFile(let repository, let path, let commit):
      "\(repository) has no file \(path) at commit \(commit). Compare the name with the list of files on the repository's page."
    case .nothingThere(let reference, let needed, let near):
      "\(reference): \(needed) is needed there, and there is none."
        + (near.isEmpty ? "" : " In the repository are: \(near.joined(separator: ", ")).")
    case .refused(let subject, let status, let message):
      "\(subject): the server answers with status \(status)\(message.isEmpty ? "" : " (\(message))"). "
        + (status >= 500
          ? "The trouble is the server's: try again later." : "Is HF_ENDPOINT right, and may HF_TOKEN read there?")
    case .notAListing(let address, let problem):
      "\(address): the answer cannot be used: \(problem). Is HF_ENDPOINT a Hugging Face Hub?"
    case .unreachable(let subject, let reason, let attempts):
      attempts == 1
        ? "\(subject): \(reason), and trying again would not help. Is HF_ENDPOINT right, or does a proxy answer in its place? Correct that and run the command again; what has arrived is kept."
        : "\(subject): \(reason), at \(attempts) attempts in a row. Check the connection and run the command again; what has arrived is kept."
    case .mustWait(let subject, let seconds):
      "\(subject): the server asks to come back in \(seconds) seconds. Run the command again then; what has arrived is kept."
    case .strayRedirect(let subject, let problem):
      "\(subject): the server redirects, but \(problem). Is HF_ENDPOINT right, or does a proxy answer in its place?"
    case .wrongContent(let repository, let path, let expected, let found):
      "\(repository)/\(path): what arrived has the digest \(found), the Hub states \(expected); twice. It was deleted. Something on the way changes files, a proxy perhaps: fetch it over another network."
    case .noSpace(let folder, let needed, let free):
      "\(folder): \(ByteCount.text(needed)) are to be downloaded, and \(ByteCount.text(free)) are free. Make room, or set HF_HUB_CACHE to a folder on a larger disk."
    case .local(let path, let action, let reason):
      "\(path): cannot \(action) (\(reason))."
    }
  }
}

extension HubError {
  /// "config.json and tokenizer.json are not in the Hub cache …": what `notFetched` says, for messages of others.
  /// - Parameter files: names; none where nothing is there.
  public static func lack(_ files: [String], in cache: String) -> String {
    let more = files.count > 3 ? " and \(files.count - 3) more files" : ""
    let names =
      files.isEmpty
      ? "nothing of it is"
      : files.prefix(3).joined(separator: ", ") + more + (files.count == 1 ? " is not" : " are not")
    return "\(names) in the Hub cache \(cache)."
  }
}

/// Sizes for people, in decimal units: "855 B", "34.4 kB", "4.96 GB".
public enum ByteCount {
  public static func text(_ bytes: Int) -> String {
    var value = Double(bytes)
    if value < 1000 { return "\(bytes) B" }
    for unit in ["kB", "MB", "GB", "TB"] {
      value /= 1000
      // Three digits; 999.6 would round to four.
      if value < 999.5 || unit == "TB" {
        let digits = value < 9.995 ? 100.0 : value < 99.95 ? 10 : 1
        let rounded = (value * digits).rounded() / digits
        return digits == 1 ? "\(Int(rounded)) \(unit)" : "\(rounded) \(unit)"
      }
    }
    return "\(bytes) B"
  }
}
