import FabricatedRuns
import Foundation
import Testing

/// Whatever a run file holds, no command crashes, waits without end, or fills memory.
@Suite("Crafted run files, by command")
struct CraftedCommandTests {
  /// Seconds, and bytes of address space: docs/reliability.md.
  private static let limits = (seconds: 20, bytes: 4 << 30)

  /// Every file, instead of one in twelve: in `make test-all`.
  private static let isThorough = ProcessInfo.processInfo.environment["CLEARBOX_THOROUGH"] != nil

  @Test("Every command ends each file in words")
  func ended() throws {
    let crafted = try CraftedRunFiles(signed: true, every: Self.isThorough ? 1 : 12)
    let program = try #require(Bundle.main.executableURL).deletingLastPathComponent().appendingPathComponent("clearbox")
    let out = TemporaryFolder()
    let commands = [
      "render RUN --out OUT/render --format markdown", "explain RUN", "explain RUN cross_entropy@1/int8/all",
      "diff RUN BASE", "diff BASE RUN --format json", "compare RUN BASE", "export RUN",
      "export RUN --format saebench -o OUT/s",
      "export RUN --format run -o OUT/copy.h5", "log RUN", "inspect RUN", "inspect RUN --verify", "verify RUN",
      "figure RUN --kind performance -o OUT/figure.csv", "import RUN --out OUT/import",
    ]
    let script = """
      ulimit -v \(Self.limits.bytes / 1024)
      for run in "$3"/*.h5; do
        [ "$run" = "$3/base.h5" ] && continue
        while read -r line; do
          rm -rf "$4"/*
          set -- "$1" "$2" "$3" "$4" $(printf '%s' "$line" | sed "s|RUN|$run|g; s|BASE|$3/base.h5|g; s|OUT|$4|g")
          a=$1 b=$2 c=$3 d=$4; shift 4
          timeout \(Self.limits.seconds) "$a" "$@" > "$d/said" 2>&1 < /dev/null
          printf '%s %s %s\\n' "$?" "$(basename "$run")" "$line"
          set -- "$a" "$b" "$c" "$d"
        done < "$2"
      done
      """
    try put(Data((commands.joined(separator: "\n") + "\n").utf8), at: out.file("commands"))
    try FileManager.default.createDirectory(atPath: out.file("work"), withIntermediateDirectories: true)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", script, "sh", program.path, out.file("commands"), crafted.folder.path, out.file("work")]
    process.environment = ProcessInfo.processInfo.environment.merging(["CLEARBOX_HOME": Command.root.path]) { $1 }
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let lines = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self).split(separator: "\n")
    process.waitUntilExit()
    #expect(lines.count == crafted.paths.count * commands.count)
    for line in lines {
      let parts = line.split(separator: " ", maxSplits: 2)
      let (status, run, command) = (Int(parts[0]) ?? -1, parts[1], parts[2])
      // 1: verify; 3: runs that cannot be compared. What only computing finds is listed by inspect and log.
      #expect((0...3).contains(status), "\(line)")
      if command.hasPrefix("render"), !CraftedRunFiles.isValid(String(run)) { #expect(status == 2, "\(line)") }
    }
  }
}
