import Foundation
import Kernels
import RunFile

/// What a run says of the machine and the software that measured it.
public enum Surroundings {
  /// Version of clearbox; a release changes it.
  public static let version = "0.1.0"

  /// "clearbox program 3f2a…": the digest of the running program, which tells two builds of one version apart.
  static var program: String {
    let path = Bundle.main.executableURL?.resolvingSymlinksInPath().path ?? ""
    let digest = (try? MappedFile(path: path)).map { String(SHA256Hex.digest(of: $0).prefix(16)) }
    return "clearbox program \(digest ?? "unknown")"
  }

  /// Model name of the CPU, or its architecture where the system does not tell.
  static var cpu: String {
    let lines = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8))?.split(separator: "\n") ?? []
    let name = lines.first { $0.hasPrefix("model name") }?.split(separator: ":").last
    return name.map { $0.trimmingCharacters(in: .whitespaces) } ?? "unknown"
  }

  static var operatingSystem: String { ProcessInfo.processInfo.operatingSystemVersionString }

  /// Anonymous resident memory now, in bytes: what the process itself holds, mapped files not counted. Nil where the
  /// system does not tell.
  static var anonymousBytes: Int? {
    guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8) else { return nil }
    let line = status.split(separator: "\n").first { $0.hasPrefix("RssAnon:") }
    let fields = line?.split(whereSeparator: { $0 == " " || $0 == "\t" }) ?? []
    return fields.count > 1 ? Int(fields[1]).map { $0 * 1024 } : nil
  }

  /// Processor time of this process so far, all threads together.
  static var processorSeconds: Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  /// Seconds since this process started, to a hundredth. Nil where the system does not tell.
  public static var processAge: Double? {
    guard let status = try? String(contentsOfFile: "/proc/self/stat", encoding: .utf8),
      let uptime = try? String(contentsOfFile: "/proc/uptime", encoding: .utf8),
      let now = uptime.split(separator: " ").first.flatMap({ Double($0) }),
      // The name, in parentheses, may hold spaces. Its start in clock ticks is the 22nd field, the 20th after it.
      let fields = status.split(separator: ")").last?.split(separator: " "), fields.count > 19,
      let ticks = Double(fields[19])
    else { return nil }
    return max(0, now - ticks / Double(sysconf(Int32(_SC_CLK_TCK))))
  }

  /// Now, ISO 8601 in UTC, whole seconds.
  public static func timestamp(_ date: Date = Date()) -> String {
    let format = Date.ISO8601FormatStyle(timeZone: .gmt)
    return date.formatted(format)
  }
}
