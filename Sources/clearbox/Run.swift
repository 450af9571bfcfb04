import ArgumentParser
import BuildStamp
import Experiments
import Foundation
import Kernels

struct Run: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure a study and write its report.",
    discussion: """
      Measures every model of the study into OUT/<model>.h5, then draws figures and report into the same folder. \
      Models that are measured already are not measured again; an interrupted run goes on where it stopped and loses \
      at most the block that was under way. The keys of a study are described in docs/study-file.md.
      """)

  @Argument(
    help: ArgumentHelp("The study: a YAML file, or a shipped one's name, e.g. gemma-3-270m.", valueName: "study"))
  var study: String

  @Option(help: ArgumentHelp("Measure this model of the study alone.", valueName: "model"))
  var only: String?

  @Option(
    help: ArgumentHelp("Headline token count instead of the study's; snapshots beyond it are dropped.", valueName: "n"))
  var tokens: Int?

  @Option(help: ArgumentHelp("Folder for results; default: out/<study> in the working directory.", valueName: "folder"))
  var out: String?

  @Option(
    help: ArgumentHelp("Threads to compute with; default: all cores. Results do not depend on it.", valueName: "n"))
  var threads: Int = ProcessInfo.processInfo.activeProcessorCount

  @Option(
    help: ArgumentHelp(
      "Kernels that multiply: \(KernelChoice.all.map(\.name).joined(separator: ", ")). Default: those that the run was begun with, else what is fastest on this CPU. Results depend on them in their last bits; docs/how-it-computes.md says how.",
      valueName: "name"))
  var kernels: String?

  @Flag(
    help:
      "Print where the time went and how near the matrix products came to the machine's best, and keep it in the run file. Takes some seconds more; results stay the same."
  )
  var profile = false

  @Flag(
    help: "Replace a run file that holds another run, once the new one is whole; without it, such a file is an error.")
  var replace = false

  @Option(
    help: ArgumentHelp(
      "Measure one of N parts of the study, counted from 1, as --plan settles; no report is written. 'merge' puts parts together.",
      valueName: "i/N"))
  var shard: String?

  @Option(help: ArgumentHelp("What the shards agreed on; written by 'plan'.", valueName: "file"))
  var plan: String?

  @Option(help: .hidden) var productWindow = 0.1

  @OptionGroup var report: ReportOptions

  func validate() throws {
    if let tokens, !(1...1 << 40 ~= tokens) { throw ValidationError("--tokens must be from 1 to 2^40.") }
    do { _ = try kernels.map(KernelChoice.init(named:)) } catch { throw ValidationError("--\(error)") }
    if threads < 1 { throw ValidationError("--threads must be at least 1.") }
    try ShardOptions.check(self)
  }

  func run() throws {
    let selection = KernelSelection(
      named: try kernels.map(KernelChoice.init(named:))
        ?? KernelChoice.named(in: ProcessInfo.processInfo.environment),
      cacheFolder: StudyFile.cacheFolder())
    if let shard = try ShardOptions(self) { return try shard.measure() }
    let home = try Resources.home()
    let study = try Resources.study(self.study)
    try report.check(home: home, study: study)
    let definition = try StudyFile(path: study)
    let plans = try ModelRun.plans(of: definition, only: only, tokens: tokens)
    let labels = plans.flatMap { plan in [plan.model] + plan.conditions.map(\.label) } + [definition.study.title]
    if let note = try Render.labels(labels, home: home) { Terminal.say("   \(note)") }
    let folder = URL(
      fileURLWithPath: out ?? "out/\(URL(fileURLWithPath: study).deletingPathExtension().lastPathComponent)")
    try ModelRun.checkLater(plans)
    var files: [String] = []
    // The first model's time begins with the program.
    var begun = ContinuousClock.now - .seconds(Surroundings.processAge ?? 0)
    for plan in plans {
      let file = folder.appendingPathComponent(plan.model + ".h5").path
      files.append(file)
      Terminal.say("== Measure \(plan.model): \(plan.conditions.map(\.name).joined(separator: ", "))")
      let line = ProgressLine()
      defer { line.close() }
      var run = ModelRun(
        plan, threads: threads, commit: BuildStamp.commit, kernels: selection, begun: begun)
      run.productWindow = productWindow
      run.replaces = replace
      try run.measure(to: file, profiles: profile) { RunNews.tell($0, line, profiles: profile) }
      begun = .now
    }
    try Render.report(files, to: folder, home: home, report, study: study, patience: 60)
  }
}
