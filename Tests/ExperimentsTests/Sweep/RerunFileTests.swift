import FabricatedRuns
import Foundation
import RunFile
import Testing

@testable import Experiments

@Suite("Reruns in the run file")
struct RerunFileTests {
  @Test("are conditions after the study's, on the chunks that the file names")
  func layout() throws {
    var tiny = try TinyRun()
    tiny.reruns = .init(tokens: 200, isCapped: false, seed: 5)
    let run = try tiny.measure("run.h5", profiles: true)
    let description = run.description
    #expect(description.conditions.map(\.name) == ["bf16", "int8", "nf4-dq-b32", "nf4-f32"])
    let again = try #require(description.rerunConditions)
    #expect(again.map(\.name) == ["bf16-rerun", "int8-rerun", "nf4-dq-b32-rerun", "nf4-f32-rerun"])
    #expect(
      again.map(\.rerunOf) == description.conditions.map(\.name) && again.map(\.reference) == again.map(\.rerunOf))
    #expect(again[1].label == "LLM.int8, rerun" && again.allSatisfy { !$0.isBaseline })
    #expect(again.map(\.effectiveBitsPerParameter) == description.conditions.map(\.effectiveBitsPerParameter))
    let chunks = try run.chunks()
    #expect(chunks.rerun.count == run.chunkCount && chunks.rerun.reduce(0) { $0 + Int($1) } == 8)
    let tokens = try run.tokens()
    let measured = tokens.chunk.map { chunks.rerun[Int($0)] == 1 }
    let documents = Set(measured.indices.filter { measured[$0] }.map { tokens.document[$0] })
    #expect(description.reruns == .init(batches: 4, seed: 5, tokens: 200, documents: documents.count))
    func values(_ condition: String, _ experiment: String, _ name: String) throws -> [Double] {
      try run.doubles(ColumnKey(condition: condition, experiment: experiment, name: name))
    }
    for (name, missing) in [("squared_norm", Double.nan), ("l0", -1)] {
      let column = try values("int8-rerun", "sae", name)
      #expect(
        zip(column, measured).allSatisfy { value, isMeasured in
          isMeasured ? value >= 0 : value == missing || value.isNaN && missing.isNaN
        })
    }
    let moved = try values("bf16-rerun", "noise_floor", "squared_perturbation")
    #expect(zip(moved, measured).allSatisfy { $1 ? $0 >= 0 : $0.isNaN })
    let vectors = try values("nf4-f32-rerun", "sae", "vector_sum")
    let segments = try run.segments()
    let size = vectors.count / run.segmentCount
    for segment in 0..<run.segmentCount {
      let isMeasured = chunks.rerun[Int(segments.chunk[segment])] == 1
      #expect(vectors[segment * size..<(segment + 1) * size].allSatisfy { $0.isNaN != isMeasured })
    }
    let profiled = try #require(description.provenance.profile).entries.compactMap(\.condition)
    #expect(Set(profiled) == Set(description.measuredConditions.map(\.name)))
  }

  @Test("pass every check, also rounded and unfinished")
  func reading() throws {
    var tiny = try TinyRun()
    tiny.reruns = .init(tokens: 200, isCapped: false, seed: 5)
    var unfinished: [UInt8]?
    let run = try tiny.measure("run.h5") { event in
      if case .progress(let progress, _) = event, progress.block == 2, unfinished == nil {
        unfinished = try? RunReader(partsFolder: tiny.folder.file("run.h5.parts")).chunks().rerun
      }
    }
    try run.verify()
    let first = try #require(unfinished)
    #expect(try first.count == 32 && first == Array(run.chunks().rerun.prefix(32)))
    try RoundedRun(run, significantBits: 16).write(to: tiny.folder.file("rounded.h5"))
    let rounded = try RunReader(tiny.folder.file("rounded.h5"))
    try rounded.verify()
    #expect(rounded.columns == run.columns && rounded.description.reruns == run.description.reruns)
    #expect(try rounded.chunks().rerun == run.chunks().rerun)
  }

  @Test("another seed, or another number, is another run")
  func fingerprint() throws {
    var tiny = try TinyRun()
    tiny.reruns = .init(tokens: 200, isCapped: false, seed: 5)
    tiny.replaces = true
    let first = try tiny.measure("run.h5")
    tiny.reruns.seed = 6
    let second = try tiny.measure("run.h5")
    #expect(first.contentSHA256 != second.contentSHA256 && second.description.reruns?.seed == 6)
    tiny.reruns.tokens = 0
    let third = try tiny.measure("run.h5")
    #expect(third.description.rerunConditions == nil && third.description.reruns == nil)
    #expect(try third.chunks().rerun.isEmpty)
  }
}
