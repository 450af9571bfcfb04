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

  @Argument(help: ArgumentHelp("The study: a YAML file, e.g. studies/gemma-3-270m.yaml.", valueName: "study"))
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

  @Option(help: .hidden) var productWindow = 0.1

  @OptionGroup var report: ReportOptions

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
    let home = try Resources.home()
    try report.check(home: home, study: study)
    let definition = try StudyFile(path: study)
    let plans = try ModelRun.plans(of: definition, only: only, tokens: tokens)
    let labels = plans.flatMap { plan in [plan.model] + plan.conditions.map(\.label) } + [definition.study.title]
    if let note = try Render.labels(labels, home: home) { Terminal.say("   \(note)") }
    let folder = URL(
      fileURLWithPath: out ?? "out/\(URL(fileURLWithPath: study).deletingPathExtension().lastPathComponent)")
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
      try run.measure(to: file, profiles: profile) { tell($0, line) }
      begun = .now
    }
    try Render.report(files, to: folder, home: home, report, study: study)
  }

  private func bytes(_ count: Int) -> String {
    ByteCountFormatStyle(style: .decimal, locale: Locale(identifier: "en_US")).format(Int64(count))
  }

  private func tell(_ event: ModelRun.Event, _ line: ProgressLine) {
    switch event {
    case .calibrating:
      Terminal.say(
        "   clearbox does not know this CPU: timing its kernels, once, for at most \(Int(KernelSelection.calibrationLimit)) s"
      )
    case .chose(let choice, let reason): Terminal.say("   kernels \(choice.name), \(reason.words)")
    case .opened(let checkpoint, let parameters):
      Terminal.say("   checkpoint \(checkpoint), \(parameters / 1_000_000) million parameters")
    case .packed(let tokens, let chunks, let documents, let sha256):
      Terminal.say(
        "   text: \(tokens) tokens in \(chunks) chunks, from \(documents) documents; token stream SHA-256 \(sha256)")
    case .resumed(let block, let count, let discarded):
      Terminal.say("   \(block) of \(count) blocks are measured already; going on from there")
      for note in discarded { Terminal.say("   left out: \(note)") }
    case .budgeted(let budget):
      let free = budget.freeBytes.map { "half of the \(bytes($0)) that are free" } ?? "2 GiB"
      Terminal.say(
        "   weights of all conditions, reruns and head packed: \(bytes(budget.bytes)); at most \(free) may stay in memory"
          + (budget.keepsWeights ? ", so they do" : ", so each block makes them anew"))
    case .estimated(let estimate):
      let weights = bytes(estimate.weightBytesPerBlock)
      Terminal.say(
        "   about \(ProgressLine.duration(estimate.seconds)) for \(estimate.blocks) \(estimate.blocks == 1 ? "block" : "blocks") of up to \(estimate.tokensPerBlock) tokens; "
          + (estimate.keepsWeights ? "\(weights) of weights are read once" : "each block reads \(weights) of weights"))
      if estimate.rerunBatches > 0 {
        Terminal.say(
          "   of it reruns, every condition in another order of summation: \(estimate.rerunBatches) \(estimate.rerunBatches == 1 ? "batch" : "batches"), about \(ProgressLine.duration(estimate.rerunSeconds))"
        )
      }
    case .progress(let progress, let seconds):
      line.show(progress, elapsedSeconds: seconds)
    case .timingProducts(let shapes):
      line.close()
      Terminal.say("   timing \(shapes) shapes of matrix products at their best")
    case .profiled(let description):
      Terminal.say()
      for text in ProfileTable(description)?.lines(indent: "   ") ?? [] { Terminal.say(text) }
      Terminal.say()
    case .alreadyMeasured(let file, let description):
      Terminal.say(
        "   measured already, by commit \(description.provenance.commit): \(file) (delete it to measure again)")
      guard profile else { break }
      if let table = ProfileTable(description) {
        for text in table.lines(indent: "   ") { Terminal.say(text) }
      } else {
        Terminal.say("   it holds no profile, because it was measured without --profile")
      }
    case .finished(let file, let seconds, let bytes):
      line.close()
      let memory = bytes.map { ", at most \($0 >> 20) MiB of memory" } ?? ""
      Terminal.say("   \(file): measured in \(ProgressLine.duration(seconds))\(memory)")
    }
  }
}

extension KernelSelection.Reason {
  fileprivate var words: String {
    switch self {
    case .asked: "as asked"
    case .begun: "as the run was begun"
    case .known(let cpu): "as measured on \(cpu)"
    case .guessed(let cpu): "a guess from \(cpu)"
    case .calibrated(let cpu): "calibrated on this CPU, going from \(cpu)"
    }
  }
}
