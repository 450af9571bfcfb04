/// What to do about what the system answered, by its words: those of strerror(3), and Foundation's.
public enum SystemAdvice {
  /// - Parameter other: for answers that say nothing of the cause.
  public static func about(_ reason: String, otherwise other: String) -> String {
    let causes: [(words: [String], advice: String)] = [
      (["No space left", "out of space"], "Make room on the disk, and give the command again."),
      (["quota"], "Make room in your quota, and give the command again."),
      (["File too large"], "Raise the limit on the size of files (ulimit -f), and give the command again."),
      (["Permission denied", "not permitted", "permission"], "Check the permissions of the file and its folder."),
      (["Read-only file system"], "Nothing can be written there: name a folder on another disk."),
      (
        ["Input/output error", "Stale file handle"],
        "The disk, or the network on the way to it, reports an error: copy the file to another place, and use it there."
      ),
      (["Too many open files"], "Close other programs, or raise the limit on open files (ulimit -n)."),
      (["Cannot allocate memory"], "Close other programs, or raise the memory limit, and try again."),
      (["File name too long"], "Use a shorter name or folder."),
    ]
    return causes.first { $0.words.contains { reason.contains($0) } }?.advice ?? other
  }
}
