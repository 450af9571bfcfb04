import Experiments
import Foundation
import Kernels

/// What a measurement tells while it goes on, as lines on the terminal.
enum RunNews {
  private static func bytes(_ count: Int) -> String {
    ByteCountFormatStyle(style: .decimal, locale: Locale(identifier: "en_US")).format(Int64(count))
  }

  /// - Parameter profiles: whether a profile was asked for.
  static func tell(_ event: ModelRun.Event, _ line: ProgressLine, profiles: Bool = false) {
    switch event {
    case .calibrating:
      Terminal.say(
        "   clearbox does not know this CPU: timing its kernels, once, for at most \(Int(KernelSelection.calibrationLimit)) s"
      )
    case .chose(let choice, let reason): Terminal.say("   kernels \(choice.name), \(reason.words)")
    case .opened(let checkpoint, let parameters):
      Terminal.say("   checkpoint \(checkpoint), \(parameters / 1_000_000) million parameters")
    case .openedOther(let conditions, let checkpoint, let storage):
      Terminal.say("   checkpoint of \(conditions.joined(separator: ", ")): \(checkpoint), \(storage)")
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
      if estimate.branchedBatches > 0 {
        Terminal.say(
          "   of it branches, every condition \(estimate.branches) times with a changed residual stream: \(estimate.branchedBatches) \(estimate.branchedBatches == 1 ? "batch" : "batches"), about \(ProgressLine.duration(estimate.branchSeconds))"
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
      guard profiles else { break }
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
    case .planned: "as planned"
    case .known(let cpu): "as measured on \(cpu)"
    case .guessed(let cpu): "a guess from \(cpu)"
    case .calibrated(let cpu): "calibrated on this CPU, going from \(cpu)"
    }
  }
}
