import ArgumentParser
import BuildStamp
import Experiments
import Foundation
import Kernels

/// `run --shard i/N --plan FILE`: a part of a study, measured by itself.
struct ShardOptions {
  private let command: Run
  private let number: Int
  private let count: Int
  private let plan: String

  /// Nil where no shard is asked for.
  init?(_ command: Run) throws {
    guard let (number, count) = try Self.place(command.shard), let plan = command.plan else { return nil }
    (self.command, self.number, self.count, self.plan) = (command, number, count, plan)
  }

  private static func place(_ text: String?) throws -> (Int, Int)? {
    guard let text else { return nil }
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let number = parts[0], let count = parts[1], count >= 1, 1...count ~= number else {
      throw ValidationError("--shard is '\(text)'; a number and how many there are is needed, counted from 1: 2/4.")
    }
    return (number, count)
  }

  /// What does not go with a shard: the plan decides it, or there is no report that it could be for.
  static func check(_ command: Run) throws {
    guard try place(command.shard) != nil else {
      if command.plan != nil { throw ValidationError("--plan is for a shard: give --shard i/N too.") }
      return
    }
    if command.plan == nil { throw ValidationError("--shard needs --plan FILE, which 'clearbox plan' writes.") }
    let others: [(String, Bool, String)] = [
      ("--tokens", command.tokens != nil, "the plan has the tokens: give it to 'clearbox plan'"),
      ("--kernels", command.kernels != nil, "the plan has the kernels: give it to 'clearbox plan'"),
      ("--profile", command.profile, "a profile is of a whole run"),
      ("--replace", command.replace, "a shard replaces nothing: remove its folder"),
    ]
    if let (name, _, reason) = others.first(where: \.1) {
      throw ValidationError("\(name) does not go with --shard: \(reason).")
    }
  }

  func measure() throws {
    let shared = try SharedPlan(path: plan)
    let folder = URL(
      fileURLWithPath: command.out
        ?? "out/\(URL(fileURLWithPath: command.study).deletingPathExtension().lastPathComponent)")
    let plans = try ModelRun.plans(of: StudyFile(path: command.study), only: command.only, tokens: shared.tokens)
    try ModelRun.checkLater(plans)
    for plan in plans {
      guard let model = shared.models[plan.model] else {
        throw StudyRunError.notInPlan(plan.model, shared.models.keys.sorted())
      }
      Terminal.say(
        "== Measure shard \(number) of \(count) of \(plan.model): \(plan.conditions.map(\.name).joined(separator: ", "))"
      )
      let line = ProgressLine()
      defer { line.close() }
      let place = folder.appendingPathComponent("\(plan.model).shard-\(number)-of-\(count)").path
      let run = ModelRun(
        plan, threads: command.threads, commit: BuildStamp.commit,
        kernels: KernelSelection(cacheFolder: StudyFile.cacheFolder()))
      let shard = try run.measure(shard: number, of: count, by: model, in: place) { RunNews.tell($0, line) }
      line.close()
      Terminal.say(
        "   blocks \(shard.blocks.lowerBound + 1) to \(shard.blocks.upperBound) of \(shard.blockCount); when all shards are there: clearbox merge \(folder.appendingPathComponent("\(plan.model).shard-*-of-\(count)").relativePath) -o RUN"
      )
    }
  }
}
