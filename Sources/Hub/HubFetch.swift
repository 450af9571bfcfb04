import Foundation

/// One thing that is needed.
public struct HubRequest: Sendable, Hashable {
  public let reference: HubReference
  public let use: HubUse

  public init(_ reference: HubReference, for use: HubUse) {
    self.reference = reference
    self.use = use
  }
}

/// What a request comes to: the commit, its files, and what of them is here.
public struct HubPlan: Sendable {
  public let request: HubRequest
  public let commit: String
  public let entries: [Entry]

  public struct Entry: Sendable {
    public let file: HubFile
    public let state: State
  }

  public enum State: Sendable, Equatable {
    case cached
    /// Bytes that an interrupted download left; 0 for none.
    case missing(arrived: Int)
  }
}

/// Gets files from the Hub into its cache.
public struct HubFetch {
  /// What is told while it goes on.
  public enum Event: Sendable {
    case began(HubFile, at: Int)
    case progress(HubFile, bytes: Int)
    case waitingForOtherProcess(HubFile)
    /// Names the file, or the repository, that could not be had at once.
    case retrying(String, reason: String, seconds: Double)
    case finished(HubFile)
  }

  private let settings: HubSettings
  private let patience: Patience
  private let client: HubClient
  private var cache: HubCache { settings.cache }

  public init(_ settings: HubSettings, patience: Patience = Patience()) throws {
    try self.init(settings, patience: patience, connection: HTTPConnection())
  }

  init(_ settings: HubSettings, patience: Patience, connection: HTTPConnection) throws {
    self.settings = settings
    self.patience = patience
    client = try HubClient(settings, idleSeconds: patience.idleSeconds, connection: connection)
  }

  // MARK: Finding out

  /// Asks the Hub which files there are; each repository and revision once, so that all requests get one commit.
  /// - Throws: `HubError`.
  public func plan(_ requests: [HubRequest], tell: (Event) -> Void = { _ in }) throws -> [HubPlan] {
    struct Key: Hashable {
      var repository: HubRepository
      var revision: String
    }
    var listings: [Key: HubListing] = [:]
    return try requests.map { request in
      let reference = request.reference
      guard !settings.isOffline else { throw HubError.offline(reference) }
      let key = Key(repository: reference.repository, revision: reference.revision)
      let listing =
        try listings[key]
        ?? patience.persist(
          "\(reference.repository)", retrying: { tell(.retrying("\(reference.repository)", reason: $0, seconds: $1)) }
        ) { try client.listing(of: reference.repository, at: reference.revision) }
      listings[key] = listing
      if let commit = reference.commit, commit != listing.commit {
        throw HubError.notAListing(
          address: "\(settings.endpoint)/\(reference.repository)", problem: "it is of another commit than \(commit)")
      }
      let chosen = Set(try request.use.select(from: listing.files.map(\.path), for: reference))
      return HubPlan(
        request: request, commit: listing.commit,
        entries: listing.files.filter { chosen.contains($0.path) }.map {
          .init(file: $0, state: state(of: $0, in: reference.repository, at: listing.commit))
        })
    }
  }

  private func state(of file: HubFile, in repository: HubRepository, at commit: String) -> HubPlan.State {
    let link = "\(cache.snapshot(of: repository, at: commit))/\(file.path)"
    let blob = cache.blob(file.digest, of: repository)
    if LocalFile.size(of: link) == file.size || LocalFile.size(of: blob) == file.size { return .cached }
    return .missing(arrived: min(LocalFile.size(of: blob + Self.partialEnding) ?? 0, file.size))
  }

  /// Bytes that are still to be downloaded; a file that several requests name counts once.
  public static func remainingBytes(_ plans: [HubPlan]) -> Int {
    var seen: Set<String> = []
    return plans.reduce(0) { sum, plan in
      plan.entries.reduce(sum) { sum, entry in
        guard case .missing(let arrived) = entry.state,
          seen.insert("\(plan.request.reference.repository) \(entry.file.digest.text)").inserted
        else { return sum }
        return sum + entry.file.size - arrived
      }
    }
  }

  // MARK: Getting

  /// Downloads what is missing. What was asked for by branch or tag is noted as such only when all of it is there.
  /// - Returns: where each request lies now.
  /// - Throws: `HubError`; what has arrived stays, and the next call goes on from there.
  public func download(_ plans: [HubPlan], tell: (Event) -> Void) throws -> [ResolvedReference] {
    let needed = Self.remainingBytes(plans)
    if needed > 0 {
      try LocalFile.makeFolder(cache.folder)
      if let free = LocalFile.freeBytes(in: cache.folder), free < needed {
        throw HubError.noSpace(folder: cache.folder, needed: needed, free: free)
      }
      markAsCache()
    }
    return try plans.map { plan in
      let reference = plan.request.reference
      for entry in plan.entries {
        try get(entry.file, of: reference.repository, at: plan.commit, tell)
      }
      if reference.revision != plan.commit {
        let note = cache.note(of: reference.revision, in: reference.repository)
        if (try? String(contentsOfFile: note, encoding: .utf8)) != plan.commit {
          try LocalFile.write(plan.commit, to: note)
        }
      }
      return try cache.resolve(reference, for: plan.request.use)
    }
  }

  private static let partialEnding = ".incomplete"

  /// Sees to it that a file is in the snapshot.
  private func get(
    _ file: HubFile, of repository: HubRepository, at commit: String, _ tell: (Event) -> Void
  ) throws {
    let link = "\(cache.snapshot(of: repository, at: commit))/\(file.path)"
    let blob = cache.blob(file.digest, of: repository)
    for place in [link, blob, cache.note(of: "main", in: repository)] {
      try LocalFile.check(place, isInside: cache.folder)
    }
    var hasWaited = false
    let lock = try FileLock(cache.lock(file.digest, of: repository)) {
      if !hasWaited { tell(.waitingForOtherProcess(file)) }
      hasWaited = true
      patience.sleep(0.2)
    }
    try withExtendedLifetime(lock) {
      if LocalFile.size(of: link) == file.size, try CheckedBlob(link, file, cache, repository).isWhole() { return }
      if try LocalFile.size(of: blob) != file.size || !CheckedBlob(blob, file, cache, repository).isWhole() {
        try LocalFile.makeFolder(for: blob)
        try download(file, of: repository, at: commit, to: blob, tell)
      }
      try LocalFile.link(link, to: blob)
    }
  }

  /// Downloads a file and checks its digest. Content that has the wrong one is deleted, and asked for once more.
  private func download(
    _ file: HubFile, of repository: HubRepository, at commit: String, to blob: String, _ tell: (Event) -> Void
  ) throws {
    for isLast in [false, true] {
      let partial = try PartialFile(blob + Self.partialEnding, of: file)
      tell(.began(file, at: partial.count))
      let found: String
      do {
        try transfer(partial, file, of: repository, at: commit, tell)
        found = try partial.finish()
      } catch is PartialFile.TooLong {
        found = "of more than \(file.size) bytes"
      }
      if found == file.digest.text {
        try LocalFile.move(partial.path, to: blob)
        return tell(.finished(file))
      }
      LocalFile.remove(partial.path)
      if isLast {
        throw HubError.wrongContent(repository, path: file.path, expected: file.digest.text, found: found)
      }
      tell(.retrying(file.path, reason: "what arrived has the wrong digest", seconds: 0))
    }
  }

  private func transfer(
    _ partial: PartialFile, _ file: HubFile, of repository: HubRepository, at commit: String, _ tell: (Event) -> Void
  ) throws {
    try withoutActuallyEscaping(tell) { tell in
      try patience.persist(
        "\(repository)/\(file.path)", position: { partial.count },
        retrying: { tell(.retrying(file.path, reason: $0, seconds: $1)) }
      ) {
        if partial.isComplete { return }
        let offset = partial.count
        var isPlaced = offset == 0
        do {
          try client.content(of: file, in: repository, at: commit, from: offset) { head, bytes in
            if !isPlaced {
              // 200: the server does not know ranges and starts at the beginning.
              if head.status != 206 || !Self.starts(head, at: offset) { try partial.restart() }
              guard head.status != 206 || partial.count == offset else {
                throw Transient(reason: "the server sent another part of the file")
              }
              isPlaced = true
            }
            try partial.append(bytes)
            tell(.progress(file, bytes: partial.count))
          }
        } catch HubError.refused(_, status: 416, _) {
          // The server knows no such part: what is here is not what is there.
          try partial.restart()
          throw Transient(reason: "the server refused to go on where the download stopped")
        }
        guard partial.isComplete else { throw Transient(reason: "the connection was dropped") }
      }
    }
  }

  /// Content-Range: bytes 1000-4999/5000
  private static func starts(_ head: HTTPHead, at offset: Int) -> Bool {
    head.headers["content-range"]?.firstMatch(of: #/bytes\s+([0-9]+)-/#).flatMap { Int($0.output.1) } == offset
  }

  /// Tells backup programs that the folder can be had again (the Cache Directory Tagging Standard).
  private func markAsCache() {
    let tag = cache.folder + "/CACHEDIR.TAG"
    guard !FileManager.default.fileExists(atPath: tag) else { return }
    try? LocalFile.write(Self.cacheTag, to: tag)
  }

  private static let cacheTag = """
    Signature: 8a477f597d28d172789f06886806bc55
    # This file is a cache directory tag created by huggingface_hub.
    # For information about cache directory tags, see:
    #\thttps://bford.info/cachedir/

    """
}
