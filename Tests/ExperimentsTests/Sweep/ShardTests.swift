import Foundation
import NumpyRandom
import RunFile
import Testing

@testable import Experiments

@Suite("Shards of a run, measured apart and merged")
struct ShardTests {
  private func tiny() throws -> TinyRun {
    var tiny = try TinyRun()
    tiny.chunkLength = 10
    tiny.tokens = 2000
    tiny.reruns.tokens = 100
    tiny.experiments.append("splice")
    tiny.splice.tokens = 400
    return tiny
  }

  private func run(_ tiny: TinyRun, threads: Int = 1, scale: Int = 1) -> ModelRun {
    var run = ModelRun(tiny.plan, threads: threads, commit: "unknown", kernels: tiny.kernels)
    run.blockScale = scale
    return run
  }

  private func why(_ body: () throws -> Void) -> String {
    do {
      try body()
      return "no error"
    } catch { return "\(error)" }
  }

  @Test("in 20 random shardings, in any order, the content is that of a run that was never cut")
  func sameContent() throws {
    let tiny = try tiny()
    let whole = try tiny.measure("whole.h5")
    let plan = try run(tiny).sharedPlan { _ in }
    #expect(plan.blocks == 13 && plan.medianNorm == whole.description.strata.medianNorm && plan.medianNorm != nil)
    var draws = PCG64(seed: 3)
    for round in 0..<20 {
      let count = 1 + draws.integer(below: plan.blocks)
      var numbers = Array(1...count)
      for index in numbers.indices { numbers.swapAt(index, draws.integer(below: index + 1)) }
      let folders = try numbers.map { number in
        let folder = tiny.folder.file("\(round)/shard-\(number)")
        try run(tiny, threads: 1 + draws.integer(below: 2)).measure(shard: number, of: count, by: plan, in: folder) {
          _ in
        }
        return folder
      }
      let file = tiny.folder.file("\(round).h5")
      try RunMerge(folders).write(to: file)
      let merged = try RunReader(file)
      #expect(merged.contentSHA256 == whole.contentSHA256, "\(count) shards")
      try merged.verify()
    }
  }

  @Test("a shard that was stopped goes on, and is not merged before it is done")
  func resumed() throws {
    let tiny = try tiny()
    let whole = try tiny.measure("whole.h5")
    let plan = try run(tiny).sharedPlan { _ in }
    let folders = (1...2).map { tiny.folder.file("shard-\($0)") }
    struct Stop: Error {}
    for (number, folder) in zip(1...2, folders) {
      try run(tiny).measure(shard: number, of: 2, by: plan, in: folder) { _ in }
    }
    // As if the second had been stopped before its last block.
    try FileManager.default.removeItem(atPath: folders[1] + "/block-000012.h5")
    #expect(why { _ = try RunMerge(folders) }.contains("shard 2 of 2 is not finished"))
    var resumed: (Int, Int)?
    try run(tiny).measure(shard: 2, of: 2, by: plan, in: folders[1]) { event in
      if case .resumed(let block, let count, _) = event { resumed = (block, count) }
    }
    #expect(resumed?.0 == 6 && resumed?.1 == 7)
    try FileManager.default.removeItem(atPath: folders[1] + "/vocabulary.json")
    #expect(why { _ = try RunMerge(folders) }.contains("shard 2 of 2 is not finished"))
    try run(tiny).measure(shard: 2, of: 2, by: plan, in: folders[1]) { _ in }
    try RunMerge(folders).write(to: tiny.folder.file("merged.h5"))
    #expect(try RunReader(tiny.folder.file("merged.h5")).contentSHA256 == whole.contentSHA256)
  }

  @Test("gaps, doubles and shards of other runs are refused by name")
  func refused() throws {
    var tiny = try tiny()
    let plan = try run(tiny).sharedPlan { _ in }
    let folders = try (1...3).map { number in
      let folder = tiny.folder.file("shard-\(number)")
      try run(tiny).measure(shard: number, of: 3, by: plan, in: folder) { _ in }
      return folder
    }
    #expect(why { _ = try RunMerge([folders[2], folders[0]]) }.contains("of 3, 2 is missing"))
    #expect(why { _ = try RunMerge([folders[2]]) }.contains("of 3, 1, 2 are missing"))
    #expect(why { _ = try RunMerge(folders + [folders[1]]) }.contains("are both shard 2 of 3"))
    #expect(why { _ = try RunMerge([]) }.contains("none is given"))
    #expect(why { _ = try RunMerge(folders + [tiny.folder.file("none")]) }.contains("holds no shard"))
    let half = tiny.folder.file("half")
    try run(tiny).measure(shard: 1, of: 2, by: plan, in: half) { _ in }
    #expect(why { _ = try RunMerge([half] + folders) }.contains("is shard 1 of 2"))

    // Another folder's shard is not gone on with, nor another plan's.
    #expect(
      why { try run(tiny).measure(shard: 2, of: 3, by: plan, in: folders[0]) { _ in } }
        .contains("holds shard 1 of 3, not shard 2 of 3"))
    #expect(
      why { try run(tiny).measure(shard: 4, of: 3, by: plan, in: half) { _ in } }.contains("there is no shard 4 of 3"))
    #expect(
      why { try run(tiny).measure(shard: 1, of: 14, by: plan, in: half) { _ in } }
        .contains("14 shards are more than the run's 13 blocks"))
    tiny.conditions.removeLast()
    let other = why { try run(tiny).measure(shard: 1, of: 2, by: plan, in: tiny.folder.file("other")) { _ in } }
    #expect(other.contains("This run is not the one that was planned: it differs in conditions."), "\(other)")
    let others = try run(tiny).sharedPlan { _ in }
    let foreign = tiny.folder.file("foreign")
    try run(tiny).measure(shard: 3, of: 3, by: others, in: foreign) { _ in }
    #expect(why { _ = try RunMerge([folders[0], folders[1], foreign]) }.contains("measured something else than"))

    var unknown = plan
    unknown.kernelChoice = "tensor-cores"
    #expect(
      why { try run(tiny).measure(shard: 1, of: 2, by: unknown, in: half) { _ in } }
        .contains("planned with kernels that this machine does not have"))
  }

  @Test("a plan is read as it was written, and nothing else is a plan")
  func planFile() throws {
    let tiny = try tiny()
    let plan = SharedPlan(tokens: 1000, models: ["tiny": try run(tiny).sharedPlan { _ in }])
    let path = tiny.folder.file("plan.json")
    try plan.data().write(to: URL(fileURLWithPath: path))
    #expect(try SharedPlan(path: path) == plan)
    try Data("{\"plan\": \"clearbox-plan\"}".utf8).write(to: URL(fileURLWithPath: path))
    #expect(why { _ = try SharedPlan(path: path) }.contains("is no plan"))
  }
}
