import ArgumentParser
import BuildStamp
import Experiments
import Foundation
import Kernels

struct PlanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Settle what the shards of a study must agree on.",
    discussion: """
      Chooses the kernels, reads everything that the study names, and measures the scale of massive tokens on the first \
      batch. With the file that it writes, 'run --shard' measures a part of the study on each of several machines, and \
      'merge' puts the parts together. docs/shards.md tells more.

      EXAMPLE
        clearbox plan studies/gemma-3-270m.yaml -o plan.json
        clearbox run studies/gemma-3-270m.yaml --plan plan.json --shard 1/4 --out out/shards
        clearbox merge out/shards/gemma-3-270m.shard-*-of-4 -o out/merged/gemma-3-270m.h5
      """)

  @Argument(help: ArgumentHelp("The study: a YAML file.", valueName: "study"))
  var study: String

  @Option(name: .shortAndLong, help: ArgumentHelp("Where to write the plan.", valueName: "file"))
  var output: String

  @Option(help: ArgumentHelp("Plan for this model of the study alone.", valueName: "model"))
  var only: String?

  @Option(help: ArgumentHelp("Headline token count instead of the study's.", valueName: "n"))
  var tokens: Int?

  @Option(
    help: ArgumentHelp("Kernels that all shards are to multiply with; default: this machine's.", valueName: "name"))
  var kernels: String?

  @Option(help: ArgumentHelp("Threads to compute with; default: all cores.", valueName: "n"))
  var threads: Int = ProcessInfo.processInfo.activeProcessorCount

  func validate() throws {
    if let tokens, !(1...1 << 40 ~= tokens) { throw ValidationError("--tokens must be from 1 to 2^40.") }
    do { _ = try kernels.map(KernelChoice.init(named:)) } catch { throw ValidationError("--\(error)") }
    if threads < 1 { throw ValidationError("--threads must be at least 1.") }
  }

  func run() throws {
    let selection = KernelSelection(
      named: try kernels.map(KernelChoice.init(named:))
        ?? KernelChoice.named(in: ProcessInfo.processInfo.environment),
      cacheFolder: StudyFile.cacheFolder())
    var models: [String: SharedPlan.Model] = [:]
    for plan in try ModelRun.plans(of: StudyFile(path: Resources.study(study)), only: only, tokens: tokens) {
      Terminal.say("== Plan \(plan.model): \(plan.conditions.map(\.name).joined(separator: ", "))")
      let run = ModelRun(plan, threads: threads, commit: BuildStamp.commit, kernels: selection)
      let line = ProgressLine()
      let model = try run.sharedPlan { RunNews.tell($0, line) }
      Terminal.say(
        "   \(model.blocks) \(model.blocks == 1 ? "block" : "blocks"), which are not cut: at most so many shards")
      models[plan.model] = model
    }
    try OutputPlace.write(SharedPlan(tokens: tokens, models: models).data(), to: output)
    Terminal.say("Give it to every shard: clearbox run \(study) --plan \(output) --shard 1/N")
  }
}
