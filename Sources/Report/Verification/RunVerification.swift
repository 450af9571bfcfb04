import RunFile

extension Verification {
  /// Checks a run file's content against the hash that it states and, where a manifest listed them, against the digests of
  /// its groups and data sets.
  ///
  /// - Parameter listed: what the manifest says of this run; nil without a manifest.
  public mutating func check(run reader: RunReader, as subject: String, listed: ListedStudy.Run? = nil) {
    guard let stated = reader.contentSHA256 else {
      if listed?.contentSHA256 != nil {
        return add(.runs, subject, .differs, ["a run in progress, where the manifest lists a finished one"])
      }
      return add(.runs, subject, .unchecked, ["a run in progress: it has no hash of its content yet"])
    }
    let digests: RunContentDigests
    do { digests = try reader.contentDigests() } catch {
      return add(.runs, subject, .differs, ["cannot be read: \(error)"])
    }
    var details = digests.damaged.map { "\($0.path): damaged, \($0.reason)" }
    let stable = Dictionary(digests.objects.map { ($0.path, $0.sha256) }) { first, _ in first }
    let damaged = Set(digests.damaged.map(\.path))
    let known = listed?.objects ?? []
    for object in known where !damaged.contains(object.path) {
      if let found = stable[object.path] {
        if found != object.sha256 { details.append("\(object.path): changed") }
      } else {
        details.append("\(object.path): gone")
      }
    }
    if !known.isEmpty {
      let names = Set(known.map(\.path))
      details += digests.objects.filter { !names.contains($0.path) }.map { "\($0.path): new" }
    }
    if let whole = digests.whole, whole != stated {
      details.append("its content has SHA-256 \(whole), the file itself states \(stated)")
      if known.isEmpty { details.append("which of its data sets changed only a manifest can tell") }
    }
    if let listed = listed?.contentSHA256, listed != stated {
      details.append("it states SHA-256 \(stated), the manifest lists \(listed)")
    }
    if details.isEmpty {
      add(.runs, subject, .same, ["content SHA-256 \(stated)"])
    } else {
      add(.runs, subject, .differs, details)
    }
  }
}
