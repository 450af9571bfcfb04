import Foundation

/// What differs between two runs that measured the same on another day or machine. The run file keeps it apart, in
/// `/provenance/volatile`, and its content hash leaves it out.
struct VolatileProvenance: Equatable, Sendable {
  var cpu: String
  var threads: Int
  var operatingSystem: String
  var startTime: String
  var finishTime: String?
  var elapsedSeconds: Double?
  var peakAnonymousBytes: Int?
  var profile: RunProfile?
}

extension VolatileProvenance {
  init(_ provenance: RunDescription.Provenance) {
    cpu = provenance.cpu
    threads = provenance.threads
    operatingSystem = provenance.operatingSystem
    startTime = provenance.startTime
    finishTime = provenance.finishTime
    elapsedSeconds = provenance.elapsedSeconds
    peakAnonymousBytes = provenance.peakAnonymousBytes
    profile = provenance.profile
  }
}

extension RunDescription {
  /// The description as JSON with sorted keys, without the volatile part of its provenance.
  func stableJSON() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.userInfo[.omitsVolatileProvenance] = true
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }

  /// Puts a description together again from what a run file stores apart.
  static func stored(stableJSON: String, volatile: VolatileProvenance) throws -> RunDescription {
    let decoder = JSONDecoder()
    decoder.userInfo[.volatileProvenance] = volatile
    return try decoder.decode(RunDescription.self, from: Data(stableJSON.utf8))
  }
}

extension CodingUserInfoKey {
  fileprivate static let omitsVolatileProvenance = CodingUserInfoKey(rawValue: "clearbox.omitsVolatileProvenance")!
  fileprivate static let volatileProvenance = CodingUserInfoKey(rawValue: "clearbox.volatileProvenance")!
}

// Written by hand because a run file stores the volatile fields elsewhere: they are then left out, and on reading
// handed to the decoder.
extension RunDescription.Provenance {
  private enum CodingKeys: String, CodingKey {
    case clearboxVersion, commit, cpu, threads, kernelChoice, kernels, libraries, operatingSystem, startTime, finishTime
    case elapsedSeconds, peakAnonymousBytes, profile
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(clearboxVersion, forKey: .clearboxVersion)
    try container.encode(commit, forKey: .commit)
    try container.encodeIfPresent(kernelChoice, forKey: .kernelChoice)
    try container.encode(kernels, forKey: .kernels)
    try container.encode(libraries, forKey: .libraries)
    if encoder.userInfo[.omitsVolatileProvenance] as? Bool == true { return }
    try container.encode(cpu, forKey: .cpu)
    try container.encode(threads, forKey: .threads)
    try container.encode(operatingSystem, forKey: .operatingSystem)
    try container.encode(startTime, forKey: .startTime)
    try container.encodeIfPresent(finishTime, forKey: .finishTime)
    try container.encodeIfPresent(elapsedSeconds, forKey: .elapsedSeconds)
    try container.encodeIfPresent(peakAnonymousBytes, forKey: .peakAnonymousBytes)
    try container.encodeIfPresent(profile, forKey: .profile)
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let volatile =
      try decoder.userInfo[.volatileProvenance] as? VolatileProvenance
      ?? VolatileProvenance(
        cpu: container.decode(String.self, forKey: .cpu),
        threads: container.decode(Int.self, forKey: .threads),
        operatingSystem: container.decode(String.self, forKey: .operatingSystem),
        startTime: container.decode(String.self, forKey: .startTime),
        finishTime: container.decodeIfPresent(String.self, forKey: .finishTime),
        elapsedSeconds: container.decodeIfPresent(Double.self, forKey: .elapsedSeconds),
        peakAnonymousBytes: container.decodeIfPresent(Int.self, forKey: .peakAnonymousBytes),
        profile: container.decodeIfPresent(RunProfile.self, forKey: .profile))
    self.init(
      clearboxVersion: try container.decode(String.self, forKey: .clearboxVersion),
      commit: try container.decode(String.self, forKey: .commit),
      cpu: volatile.cpu, threads: volatile.threads,
      kernelChoice: try container.decodeIfPresent(String.self, forKey: .kernelChoice),
      kernels: try container.decode(String.self, forKey: .kernels),
      libraries: try container.decode([String].self, forKey: .libraries),
      operatingSystem: volatile.operatingSystem, startTime: volatile.startTime, finishTime: volatile.finishTime,
      elapsedSeconds: volatile.elapsedSeconds, peakAnonymousBytes: volatile.peakAnonymousBytes,
      profile: volatile.profile)
  }
}

extension VolatileProvenance {
  /// As attributes of `/provenance/volatile`.
  var attributes: [(name: String, value: AttributeValue)] {
    var list: [(name: String, value: AttributeValue)] = [
      ("cpu", .text(cpu)), ("threads", .integer(Int64(threads))), ("operating_system", .text(operatingSystem)),
      ("start_time", .text(startTime)),
    ]
    if let finishTime { list.append(("finish_time", .text(finishTime))) }
    if let elapsedSeconds { list.append(("elapsed_seconds", .real(elapsedSeconds))) }
    if let peakAnonymousBytes { list.append(("peak_anonymous_bytes", .integer(Int64(peakAnonymousBytes)))) }
    if let json = profile?.json { list.append(("profile", .text(json))) }
    return list
  }

  /// From the attributes of `/provenance/volatile`; nil when one that is always there is missing.
  init?(_ attribute: (String) throws -> AttributeValue?) rethrows {
    guard let cpu = try attribute("cpu")?.text, let threads = try attribute("threads")?.integer,
      let operatingSystem = try attribute("operating_system")?.text,
      let startTime = try attribute("start_time")?.text
    else { return nil }
    self.init(
      cpu: cpu, threads: Int(threads), operatingSystem: operatingSystem, startTime: startTime,
      finishTime: try attribute("finish_time")?.text,
      elapsedSeconds: try attribute("elapsed_seconds")?.real,
      peakAnonymousBytes: try attribute("peak_anonymous_bytes")?.integer.map { Int($0) },
      profile: try attribute("profile")?.text.flatMap { RunProfile.stored(json: $0) })
  }
}
