import FabricatedRuns
import Foundation
import Testing

@testable import Experiments

@Suite("Free memory")
struct FreeMemoryTests {
  private let folder = TemporaryFolder()

  /// A system with so much free memory, in KiB, and files of control groups by path.
  private func bytes(available: Int, group: String, _ files: [String: String]) throws -> Int? {
    try write("proc/meminfo", "MemTotal: 99999999 kB\nMemFree: 5 kB\nMemAvailable:   \(available) kB\n")
    try write("proc/self/cgroup", group)
    for (path, text) in files { try write("groups/" + path, text) }
    return FreeMemory.bytes(proc: folder.file("proc"), groups: folder.file("groups"))
  }

  private func write(_ name: String, _ text: String) throws {
    let path = folder.file(name)
    try FileManager.default.createDirectory(
      atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try put(Data(text.utf8), at: path)
  }

  @Test("is what the system has where no group limits it")
  func system() throws {
    #expect(try bytes(available: 1000, group: "0::/\n", [:]) == 1_024_000)
    #expect(
      try bytes(available: 1000, group: "0::/a\n", ["a/memory.max": "max\n", "a/memory.current": "5\n"]) == 1_024_000)
    #expect(FreeMemory.bytes(proc: folder.file("nowhere")) == nil)
  }

  @Test("is what the tightest group around the process leaves, its idle pages counted as free")
  func groups() throws {
    let files = [
      "a/memory.max": "900000\n", "a/memory.current": "400000\n", "a/memory.stat": "anon 1\ninactive_file 100000\n",
      "a/b/memory.max": "max\n", "a/b/memory.current": "300000\n",
    ]
    #expect(try bytes(available: 1000, group: "0::/a/b\n", files) == 600_000)
    #expect(try bytes(available: 100, group: "0::/a/b\n", files) == 102_400)
  }

  @Test("decides whether weights stay in memory, and no number")
  func budget() throws {
    var tiny = try TinyRun()
    tiny.reruns.tokens = 300
    var budgets: [WeightBudget] = []
    var contents: Set<String?> = []
    for free in [1_000_000_000, 1000] {
      let run = try tiny.measure("free-\(free).h5", freeMemory: free) {
        if case .budgeted(let budget) = $0 { budgets.append(budget) }
      }
      contents.insert(run.contentSHA256)
    }
    #expect(budgets.map(\.keepsWeights) == [true, false] && budgets[0].bytes == budgets[1].bytes)
    #expect(contents.count == 1)
    // Twice the weights of every condition, for the reruns, and the head's once.
    let c = try TinyStudy.checkpoint().configuration
    let (linear, head) = (ModelRun.linearParameters(c), 2 * c.vocabularySize * c.dModel)
    let each = tiny.conditions.reduce(0) { $0 + $1.weights.residentBytes(parameters: linear) }
    #expect(budgets[0].bytes == 2 * each + head)
    #expect(WeightBudget(bytes: 10, freeBytes: 20).keepsWeights && !WeightBudget(bytes: 11, freeBytes: 20).keepsWeights)
    #expect(WeightBudget(bytes: 1 << 31, freeBytes: nil).keepsWeights)
  }

  @Test("knows the older kind of groups")
  func firstVersion() throws {
    let files = [
      "memory/c/memory.limit_in_bytes": "700000\n", "memory/c/memory.usage_in_bytes": "900000\n",
      "memory/c/memory.stat": "inactive_file 1\ntotal_inactive_file 300000\n",
      "memory/memory.limit_in_bytes": "9223372036854771712\n", "memory/memory.usage_in_bytes": "1000000\n",
    ]
    #expect(try bytes(available: 1000, group: "5:cpu,memory:/c\n1:cpu:/\n0::/\n", files) == 100_000)
  }
}
