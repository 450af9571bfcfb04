import ArgumentParser
import Experiments
import Foundation
import Hub

struct Fetch: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Download what a study names on the Hugging Face Hub.",
    discussion: """
      Gets the files behind hf:// references (checkpoint, sae, corpus) into the Hub's cache, which it shares with \
      Python's huggingface_hub; 'run' finds them there. What is there already is not downloaded; an interrupted \
      download goes on where it stopped. docs/fetching.md tells more.

      ENVIRONMENT
        HF_TOKEN        for gated and private repositories; else the file token in HF_HOME
        HF_HOME         ~/.cache/huggingface; the cache is hub/ in it, or HF_HUB_CACHE
        HF_ENDPOINT     another Hub than https://huggingface.co
        HF_HUB_OFFLINE  1: only tell whether everything is there
      """)

  @Argument(help: ArgumentHelp("The study: a YAML file, or a shipped one's name.", valueName: "study"))
  var study: String

  @Option(help: ArgumentHelp("Fetch for this model of the study alone.", valueName: "model"))
  var only: String?

  @Flag(help: "List the files, their sizes and what is here already; download nothing.")
  var dryRun = false

  func run() throws {
    let study = try Resources.study(self.study)
    let requests = try StudyFile(path: study).hubRequests(only: only)
    guard !requests.isEmpty else {
      return Terminal.say("\(study) names nothing on the Hub: nothing to fetch.")
    }
    let settings = try HubSettings()
    if dryRun, settings.isOffline {
      return Self.list(requests, settings.cache, because: "HF_HUB_OFFLINE is set")
    }
    if settings.isOffline {
      for request in requests { Self.tell(try settings.cache.resolve(request.reference, for: request.use)) }
      return Terminal.say("Everything is there; the Hub was not asked (HF_HUB_OFFLINE).")
    }
    // A list need not be had at any price.
    let fetch = try HubFetch(settings, patience: dryRun ? .short : Patience())
    let line = TransferLine()
    defer { line.close() }
    let plans: [HubPlan]
    do {
      plans = try fetch.plan(requests) { line.show($0) }
    } catch HubError.unreachable(_, let reason, _) where dryRun {
      line.close()
      return Self.list(requests, settings.cache, because: reason)
    }
    for plan in plans { Self.list(plan, inFull: dryRun) }
    let remaining = HubFetch.remainingBytes(plans)
    if dryRun {
      return Terminal.say("To download: \(ByteCount.text(remaining)), into \(settings.cache.folder)")
    }
    line.expect(remaining)
    do {
      let resolved = try fetch.download(plans) { line.show($0) }
      line.close()
      for place in resolved { Self.tell(place) }
    } catch let error as HubError {
      guard case .wrongContent = error else { throw error }
      line.close()
      Terminal.write(error: "clearbox: \(error)\n")
      throw ExitCode(1)
    }
  }

  /// What the study names, and where it lies or would lie, without the Hub's word on it.
  private static func list(_ requests: [HubRequest], _ cache: HubCache, because reason: String) {
    for request in requests {
      let here = try? cache.resolve(request.reference, for: request.use)
      Terminal.say("\(request.reference)")
      Terminal.say(
        here.map { "   is at \($0.path)" } ?? "   is not here; it would lie in \(cache.folder(of: request.reference))")
    }
    Terminal.say("Sizes are not known: the Hub was not asked (\(reason)).")
  }

  private static func list(_ plan: HubPlan, inFull: Bool) {
    let sizes = plan.entries.reduce(0) { $0 + $1.file.size }
    let here = plan.entries.count { $0.state == .cached }
    Terminal.say("== \(plan.request.reference), commit \(plan.commit)")
    if inFull {
      let width = plan.entries.map(\.file.path.count).max() ?? 0
      for entry in plan.entries {
        let name = entry.file.path.padding(toLength: width, withPad: " ", startingAt: 0)
        let size = ByteCount.text(entry.file.size)
        Terminal.say(
          "   \(name)  \(String(repeating: " ", count: max(0, 8 - size.count)))\(size)  \(word(entry.state))")
      }
    }
    Terminal.say(
      "   \(plan.entries.count) file\(plan.entries.count == 1 ? "" : "s"), \(ByteCount.text(sizes)); \(here) of them here already"
    )
  }

  private static func word(_ state: HubPlan.State) -> String {
    switch state {
    case .cached: "here"
    case .missing(0): "to download"
    case .missing(let arrived): "to download, \(ByteCount.text(arrived)) have arrived"
    }
  }

  private static func tell(_ place: ResolvedReference) {
    Terminal.say("\(place.reference)\n   is at \(place.path)")
  }
}
