import ArgumentParser
import Experiments
import Foundation
import RunFile

/// A finished run of the command: its profile, and what else its run file says.
struct CommandRun {
  var profile: RunProfile
  var description: RunDescription
  /// Of the whole process: start, tokens, blocks, run file, report, and the profile's timing of products.
  var processSeconds: Double

  /// Threads × wall time.
  var budget: Double { Double(profile.threads) * profile.wallSeconds }
  var secondsPerToken: Double { profile.wallSeconds / Double(profile.tokens) }
  var tokensPerSecond: Double { 1 / secondsPerToken }

  /// Σ over entries that are chosen.
  func seconds(_ chosen: (RunProfile.Entry) -> Bool) -> Double {
    profile.entries.filter(chosen).reduce(0) { $0 + $1.seconds }
  }

  /// Of some stages, in all conditions.
  func seconds(_ stages: Stage...) -> Double {
    let names = stages.map(\.name)
    return seconds { names.contains($0.stage) }
  }

  /// What all matrix products would take at the machine's best, as a share of threads × wall time.
  var shareOfBest: Double { profile.entries.reduce(0) { $0 + $1.secondsAtBest } / budget }
}

/// What varies between measured studies.
struct StudyShape {
  var conditions = ["bf16"]
  var experiments = ["accuracy", "sae", "stabilization"]
  var layer = 9
  var sae: URL?
  var tokens: Int
}

extension Setting {
  /// Measures a study with `clearbox run --profile`, in a folder of its own that is new each time.
  func measure(_ shape: StudyShape, name: String) throws -> CommandRun {
    let folder = scratch.appendingPathComponent(name)
    try? FileManager.default.removeItem(at: folder)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let sae = shape.sae ?? home.appendingPathComponent("assets/sae/gemma-3-270m-layer9-8192")
    let conditions = shape.conditions.map {
      $0 == "nf4" ? "  - nf4: { double_quantization: true, compute: bf16 }" : "  - \($0)"
    }
    let study = """
      title: Benchmark
      models:
        - { name: gemma-3-270m, checkpoint: "\(model.path)", layer: \(shape.layer), sae: "\(sae.path)" }
      corpus: { path: "\(home.path)/assets/corpus/study.jsonl", text: text, source: source, order: { shuffle: numpy, seed: 0, buffer: 10000 } }
      packing: { style: article, length: \(isSmoke ? 64 : 512), batch: \(isSmoke ? 2 : 4) }
      experiments: [\(shape.experiments.joined(separator: ", "))]
      conditions:
      \(conditions.joined(separator: "\n"))
      tokens: { headline: \(shape.tokens), snapshots: [\(shape.tokens)] }
      reruns: none
      seed: 0
      """
    let file = folder.appendingPathComponent("study.yaml")
    try study.write(to: file, atomically: true, encoding: .utf8)
    let seconds =
      try ContinuousClock().measure {
        _ = try run(
          clearbox,
          ["run", file.path, "--profile", "--out", folder.path] + (isSmoke ? ["--product-window", "0.001"] : []))
      } / .seconds(1)
    let description = try RunReader(folder.appendingPathComponent("gemma-3-270m.h5").path).description
    guard let profile = description.provenance.profile else {
      throw ValidationError("The run of \(name) has no profile.")
    }
    return CommandRun(profile: profile, description: description, processSeconds: seconds)
  }

  /// Runs a program to its end and returns what it printed.
  @discardableResult
  func run(
    _ program: URL, _ arguments: [String], _ environment: [String: String] = [:]
  ) throws -> String {
    let process = Process()
    process.executableURL = program
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.currentDirectoryURL = home
    let log = scratch.appendingPathComponent("output-\(UUID().uuidString).txt")
    FileManager.default.createFile(atPath: log.path, contents: nil)
    defer { try? FileManager.default.removeItem(at: log) }
    let handle = try FileHandle(forWritingTo: log)
    let errors = scratch.appendingPathComponent("errors.txt")
    FileManager.default.createFile(atPath: errors.path, contents: nil)
    process.standardOutput = handle
    process.standardError = try FileHandle(forWritingTo: errors)
    try process.run()
    process.waitUntilExit()
    let text = try String(contentsOf: log, encoding: .utf8)
    guard process.terminationStatus == 0 else {
      let tail = try String(contentsOf: errors, encoding: .utf8).suffix(2000)
      throw ValidationError(
        "\(program.lastPathComponent) \(arguments.joined(separator: " ")) failed:\n\(text.suffix(500))\n\(tail)")
    }
    return text
  }
}

/// A line, at once.
func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }
