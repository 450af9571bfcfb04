import ArgumentParser
import Foundation

/// Measures how fast clearbox is, as ratios within one run, and writes tables and figures of it.
@main
struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measure clearbox's speed against this machine's products and against its rivals.",
    discussion: """
      Run it on a quiet machine: nothing else may compute meanwhile. Groups: \
      \(Group.allCases.map(\.rawValue).joined(separator: ", ")). Results are kept in OUT/results.json, by group, so that groups can be \
      measured one by one; the table in OUT/results.md and the figures are made of all that is there.
      """)

  @Option(help: "The 270M's GGUF file; default: where `make model` puts it.")
  var model: String?

  @Option(help: "Folder that Benchmarks/peers/install.sh made; without it there are no rivals.")
  var peers: String?

  @Option(help: "Folder for results; default: Benchmarks/results, of the smoke form a temporary one.")
  var out: String?

  @Option(
    help:
      "How often conditions and linear layers are measured, in turns; rivals once less, the rest by their own counts.")
  var repeats = 3

  @Option(help: "Tokens per measured run; whole blocks are 8192.")
  var tokens = 16384

  @Option(help: "Only this group; may be given several times.")
  var only: [String] = []

  @Flag(help: "Run every measurement once on next to nothing, to see that it runs: its numbers mean nothing.")
  var smoke = false

  @Flag(help: "Measure nothing: make table and figures anew from what is there.")
  var redraw = false

  func run() throws {
    let chosen = try only.map { name in
      guard let group = Group(rawValue: name) else { throw ValidationError("There is no group '\(name)'.") }
      return group
    }
    let out =
      out ?? (smoke ? FileManager.default.temporaryDirectory.path + "/clearbox-bench-smoke" : "Benchmarks/results")
    var results = try Results.read(URL(fileURLWithPath: out))
    let setting = try Setting(
      model: model, peers: peers, out: out, repeats: smoke ? 1 : repeats, tokens: smoke ? 256 : tokens, isSmoke: smoke)
    if redraw { return try results.write(setting.out, home: setting.home) }
    say(setting.peaks.line)
    for group in chosen.isEmpty ? Group.allCases : chosen {
      if group == .rivals, setting.peers == nil {
        say("== \(group.rawValue): left out, no --peers")
        continue
      }
      say("== \(group.rawValue)")
      var measured = try group.measure(setting)
      if smoke { measured.measures = measured.measures.map(\.withoutGoal) }
      for measure in measured.measures { say("   \(measure.line)") }
      results.replace(group, with: measured)
      try results.write(setting.out, home: setting.home)
    }
    say("\n\(setting.out.path)/results.md")
  }
}

/// What is measured together.
enum Group: String, CaseIterable {
  case kernels, conditions, rivals, linears, autoencoder, tokenizer, render, tokens, layers, features

  func measure(_ setting: Setting) throws -> GroupResults {
    switch self {
    case .kernels: try kernels(setting)
    case .conditions: try conditions(setting)
    case .rivals: try rivals(setting)
    case .linears: try linears(setting)
    case .autoencoder: try wideSAE(setting)
    case .tokenizer: try tokenizer(setting)
    case .render: try rendering(setting)
    case .tokens: try growthByTokens(setting)
    case .layers: try growthByLayers(setting)
    case .features: try growthByFeatures(setting)
    }
  }
}

/// Where things are, and how much is measured.
struct Setting {
  let model: URL
  let peers: URL?
  let out: URL
  let repeats: Int
  let tokens: Int
  /// Everything once, on next to nothing.
  let isSmoke: Bool
  let threads = ProcessInfo.processInfo.activeProcessorCount
  let peaks: Peaks
  /// clearbox's sources.
  let home: URL
  /// The program beside this one.
  let clearbox: URL
  let scratch: URL

  init(model: String?, peers: String?, out: String, repeats: Int, tokens: Int, isSmoke: Bool) throws {
    home = URL(fileURLWithPath: FileManager.default.currentDirectoryPath)
    guard FileManager.default.fileExists(atPath: home.appendingPathComponent("assets/sae").path) else {
      throw ValidationError("Run bench from clearbox's source folder.")
    }
    clearbox = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().appendingPathComponent(
      "clearbox")
    guard FileManager.default.isExecutableFile(atPath: clearbox.path) else {
      throw ValidationError("\(clearbox.path) is missing: build clearbox in release mode first (make build).")
    }
    let environment = ProcessInfo.processInfo.environment
    let cache = environment["CLEARBOX_CACHE"] ?? NSHomeDirectory() + "/.cache/clearbox"
    self.model = URL(fileURLWithPath: model ?? cache + "/gemma-3-270m-q4_k_m.gguf")
    guard FileManager.default.fileExists(atPath: self.model.path) else {
      throw ValidationError("\(self.model.path) is missing: fetch it with make model.")
    }
    self.peers = peers.map { URL(fileURLWithPath: $0) }
    self.out = URL(fileURLWithPath: out)
    self.repeats = repeats
    self.tokens = tokens
    self.isSmoke = isSmoke
    peaks = .measure(threads: threads, seconds: isSmoke ? 0.01 : 0.3)
    scratch = FileManager.default.temporaryDirectory.appendingPathComponent("clearbox-bench")
    // What an earlier version left there, this one could not replace.
    try? FileManager.default.removeItem(at: scratch)
    try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
    try FileManager.default.createDirectory(at: self.out, withIntermediateDirectories: true)
  }
}
