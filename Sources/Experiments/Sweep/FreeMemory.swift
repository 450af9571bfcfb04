import Foundation

/// Memory that this process may still take.
enum FreeMemory {
  /// Bytes that the system has to give, page cache included, and that the process's control groups allow; nil where the
  /// system does not tell.
  static func bytes(proc: String = "/proc", groups: String = "/sys/fs/cgroup") -> Int? {
    func text(_ path: String) -> String? { try? String(contentsOfFile: path, encoding: .utf8) }
    guard let available = text(proc + "/meminfo").flatMap({ field("MemAvailable:", in: $0) }) else { return nil }
    var least = available * 1024
    for line in (text(proc + "/self/cgroup") ?? "").split(separator: "\n") {
      // "0::/path" in version 2, "4:memory:/path" in version 1.
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3 else { continue }
      let isFirst = parts[1].split(separator: ",").contains("memory")
      guard isFirst || parts[0] == "0" else { continue }
      let root = isFirst ? groups + "/memory" : groups
      let files = isFirst ? ("memory.limit_in_bytes", "memory.usage_in_bytes") : ("memory.max", "memory.current")
      var path = String(parts[2])
      // A group's limit holds for all groups inside it.
      while true {
        let folder = root + (path == "/" ? "" : path) + "/"
        if let limit = text(folder + files.0).flatMap(number), let used = text(folder + files.1).flatMap(number) {
          // Pages of files that nobody uses now give way.
          let statistics = text(folder + "memory.stat") ?? ""
          let idle = field(isFirst ? "total_inactive_file" : "inactive_file", in: statistics) ?? 0
          least = min(least, max(0, limit - used + min(idle, used)))
        }
        if path == "/" || path.isEmpty { break }
        path = (path as NSString).deletingLastPathComponent
      }
    }
    return least
  }

  private static func number(_ text: String) -> Int? { Int(text.trimmingCharacters(in: .whitespacesAndNewlines)) }

  /// The number after a name at the start of a line.
  private static func field(_ name: String, in text: String) -> Int? {
    let line = text.split(separator: "\n").first { $0.split(separator: " ").first == Substring(name) }
    return line?.split(separator: " ").dropFirst().first.flatMap { Int($0) }
  }
}
