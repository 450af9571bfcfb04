import Analysis
import ArgumentParser
import Foundation
import Report
import RunFile
import Words

struct Features: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List an autoencoder's features by how much they changed under a condition.",
    discussion: """
      Features that fire on at least 200 ordinary tokens of the reference, by the correlation of their activations in the \
      two models; under it the energy of the change, Σ (b − a)²·‖W_dec‖². --csv writes all of them. For SAEs that \
      Neuronpedia shows, each feature's page is named.
      """)

  @Argument(help: ArgumentHelp("Run file.", valueName: "run"))
  var path: String

  @Option(help: "Of the study; without it, the last one.")
  var condition: String?

  @Option(help: ArgumentHelp("So many with the lowest correlation.", valueName: "n"))
  var worst = 20

  @Flag(help: "All judged features as comma-separated values.")
  var csv = false

  @Option(name: .shortAndLong, help: ArgumentHelp("File; default: standard output.", valueName: "path"))
  var output: String?

  func run() throws {
    try output.map(OutputPlace.check)
    let reader = try Render.open(path)
    let findings = try Findings(of: reader)
    let names = findings.features.filter { !$0.isRerun && $0.pair.control == nil }.map(\.pair.condition)
    guard let name = condition ?? names.last else {
      throw ValidationError(
        "\(path) has no tables by feature: the study lists no experiment 'features', or the run is not whole.")
    }
    guard let own = findings.features(name) else {
      throw ValidationError("\(path) compares no features under '\(name)'; it has \(names.joined(separator: ", ")).")
    }
    let page = NeuronpediaPage(findings.description)
    if csv {
      return try OutputPlace.write(Data(try FeatureList.csv(own, page).utf8), to: output)
    }
    let lines = try FeatureList.lines(own, worst: worst, findings, page)
    if let output {
      try OutputPlace.write(Data((lines.joined(separator: "\n") + "\n").utf8), to: output)
    } else {
      for line in lines { Terminal.say(line) }
    }
  }
}
