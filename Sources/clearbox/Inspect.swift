import ArgumentParser
import Foundation
import RunFile

struct Inspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Tell in words what is in a run file.",
    discussion: "Every column is listed with its unit and meaning. With --verify all data are read and checked.")

  @Argument(help: ArgumentHelp("A run file, or a folder of parts.", valueName: "run"))
  var file: String

  @Flag(help: "Read everything and compare it with the content hash that the file states; exit code 1 if it differs.")
  var verify = false

  func run() throws {
    let reader = try Render.open(file, verifyingContent: !verify)
    let d = reader.description
    let p = d.provenance
    Terminal.say("\(d.title)")
    Terminal.say(
      "  \(reader.isPartial ? "partial run" : "complete run"), \(reader.tokenCount) tokens in \(reader.chunkCount) chunks, \(reader.batchCount) batches, \(reader.segmentCount) segments"
    )
    if let origin = d.origin {
      Terminal.say("  imported from \(origin.file) (\(origin.format.rawValue)), SHA-256 \(origin.sha256)")
      for missing in origin.notMeasured {
        Terminal.say(
          "  not measured there: \(missing.condition)\(missing.part.map { ", \($0)" } ?? ""): \(missing.status)")
      }
    }
    if let summary = reader.summary { Terminal.say("  a summary run: \(summary.count) values, no raw measurements") }
    Terminal.say("\nModel \(d.model.name)")
    Terminal.say(
      "  \(d.model.parameterCount) parameters, residual stream after layer \(d.model.layer) of \(d.model.layerCount), width \(d.model.dModel)"
    )
    Terminal.say("  stored as \(d.model.storage)\(d.model.isDequantized ? " (dequantized for the baseline)" : "")")
    Terminal.say("  SHA-256 \(d.model.checkpointSHA256)")
    if let sae = d.sae {
      Terminal.say(
        "Autoencoder \(sae.name)\n  \(sae.architecture), \(sae.featureCount) features, \(sae.format), SHA-256 \(sae.sha256)"
      )
    }
    Terminal.say("Corpus \(d.corpus.name)")
    Terminal.say("  \(d.corpus.documentCount) documents from \(d.corpus.sources.joined(separator: ", "))")
    Terminal.say(
      "  \(d.corpus.order); packing \(d.corpus.packing), chunks of \(d.corpus.chunkLength), batches of \(d.corpus.batchSize); token stream SHA-256 \(d.corpus.tokenStreamSHA256)"
    )
    for source in d.fetched ?? [] {
      Terminal.say("Fetched as \(source.role): \(source.reference), commit \(source.commit)")
    }
    Terminal.say("Conditions")
    for condition in d.conditions {
      let parameters = condition.parameters.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
      let bits = String(format: "%.2f", condition.effectiveBitsPerParameter)
      Terminal.say(
        "  \(condition.name): \(condition.label)\(condition.isBaseline ? ", the baseline" : ""), \(bits) bits per parameter\(parameters.isEmpty ? "" : " (\(parameters))")"
      )
      guard let own = condition.checkpoint else { continue }
      Terminal.say("    \(condition.origin.rawValue): \(own.files.joined(separator: ", ")), stored as \(own.storage)")
      if let rest = own.uncompressed { Terminal.say("    left uncompressed there: \(rest)") }
      if let reading = own.reading { Terminal.say("    \(reading)") }
      for count in own.equalCodes ?? [] {
        Terminal.say(
          "    codes equal to \(count.condition): \(count.equal) of \(count.codes); scales: \(count.equalScales) of \(count.scales)")
      }
      Terminal.say("    SHA-256 \(own.sha256)")
    }
    if let reruns = d.reruns {
      Terminal.say(
        "Reruns, in another order of summation (seed \(reruns.seed)): \((d.rerunConditions ?? []).map(\.name).joined(separator: ", ")), \(reruns.tokens) tokens in \(reruns.batches) batches, from \(reruns.documents) documents"
      )
    }
    Terminal.say("Measured by clearbox \(p.clearboxVersion) (\(p.commit)) on \(p.cpu), \(p.threads) threads")
    Terminal.say("  \(p.kernels); \(p.libraries.joined(separator: ", "))")
    Terminal.say("  started \(p.startTime), \(p.finishTime.map { "finished \($0)" } ?? "not finished")")
    if let table = ProfileTable(d) {
      Terminal.say()
      for line in table.lines(indent: "  ") { Terminal.say(line) }
    }
    Terminal.say("\nColumns, per condition (/measurements/<condition>/<experiment>/<column>)")
    var shown: Set<String> = []
    for key in reader.columns {
      guard let column = reader.definition(of: key), shown.insert("\(key.experiment)/\(key.name)").inserted else {
        continue
      }
      let shape = column.rowShape.isEmpty ? "" : " × \(column.rowShape.map(String.init).joined(separator: " × "))"
      let whose =
        !column.applies(toBaseline: true)
        ? ". Not in the baseline" : column.applies(toBaseline: false) ? "" : ". In the baseline alone"
      Terminal.say(
        "  \(key.experiment)/\(key.name): \(column.type.rawValue) per \(column.axis.rawValue)\(shape), \(column.unit)")
      Terminal.say("      \(column.meaning)\(whose)")
    }
    if verify {
      do {
        Terminal.say("\nContent verified: \(try reader.verify())")
      } catch {
        Terminal.write(error: "clearbox: \(error)\n")
        throw ExitCode(1)
      }
    }
  }
}
