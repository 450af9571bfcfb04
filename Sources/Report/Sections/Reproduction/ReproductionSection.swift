import Analysis
import RunFile
import Words

/// How to get the same numbers again: commands, hashes, versions.
struct ReproductionSection: ReportSection {
  static let key: Section.Key = "reproduction"
  static let title = "How to reproduce, and sources"
  let report: ReportBuilder

  func blocks() throws -> [Block] {
    let studies = distinct { $0.description.studyText }
    return [
      .paragraph(
        """
        The same inputs on the same kind of machine give the same bits. Every number and figure of this report \
        is computed from the run \(areSeveral ? "files, which keep" : "file, which keeps") the raw measurements; \
        \(code: "clearbox render") makes the \
        report from \(areSeveral ? "them" : "it") again, without the model.
        """
      ),
      .code(commands), .fold(Fold(title: "Inputs and their hashes", blocks: [try provenanceTable()])),
      .fold(Fold(title: studies.count == 1 ? "The study file" : "The study files", blocks: studies.map { .code($0) })),
      .fold(Fold(title: Self.sourcesTitle, blocks: [.list(works().map(\.said))])),
    ]
  }

  /// What all models share, then each model's own.
  private func provenanceTable() throws -> Block {
    let own = try models.map(provenance)
    let shared = (own.first ?? []).filter { item in own.allSatisfy { $0.contains { $0 == item } } }
    let columns: [TableBlock.Column] = [.init("Item"), .init("Value")]
    guard areSeveral else {
      return table("provenance", isNumbered: false, caption: "Inputs.", columns: columns, rows: shared)
    }
    let groups = zip(models, own).map { model, items in
      (title: model.name, rows: items.filter { !shared.contains($0) })
    }
    return table(
      "provenance", isNumbered: false, caption: "Inputs.", groups: [("All models", shared)] + groups,
      columns: columns)
  }

  private func provenance(_ model: ReportModel) throws -> [[Prose]] {
    let description = model.description
    let p = description.provenance
    var rows: [[Prose]] = []
    func add(_ name: String, _ value: Prose) {
      if !value.plain.isEmpty { rows.append([Prose(name), value]) }
    }
    if let origin = description.origin {
      add("Imported from", "\(origin.file) (\(origin.format.rawValue))")
      add("Imported file, SHA-256", "\(code: origin.sha256)")
      for missing in origin.notMeasured {
        add(
          "Not measured, as the source says",
          "\(missing.condition)\(missing.part.map { ", \($0)" } ?? ""): \(missing.status)")
      }
    }
    add("Checkpoint", "\(description.model.checkpointFiles.joined(separator: ", "))")
    for source in description.fetched ?? [] {
      let names = ["checkpoint": "Checkpoint, fetched", "sae": "SAE, fetched", "corpus": "Corpus, fetched"]
      add(
        names[source.role] ?? "\(source.role.capitalizedFirst), fetched",
        "\(source.reference), commit \(code: source.commit)")
    }
    if let assumed = description.model.assumed {
      add("Not in the checkpoint’s configuration, so the class’s default", Prose(assumed.joined(separator: ", ")))
    }
    add("Checkpoint, SHA-256", "\(code: description.model.checkpointSHA256)")
    for condition in description.conditions {
      guard let own = condition.checkpoint else { continue }
      add("Checkpoint of \(condition.name)", "\(own.files.joined(separator: ", "))")
      add("Checkpoint of \(condition.name), SHA-256", "\(code: own.sha256)")
    }
    add("Tokenizer, SHA-256", "\(code: description.model.tokenizerSHA256)")
    if let sae = description.sae { add("SAE, SHA-256", "\(code: sae.sha256)") }
    add("Corpus", "\(description.corpus.files.joined(separator: ", "))")
    add("Corpus, SHA-256", "\(code: description.corpus.sha256)")
    add("Token stream, SHA-256", "\(code: description.corpus.tokenStreamSHA256)")
    add("clearbox", "\(p.clearboxVersion), commit \(code: p.commit)")
    if let rounded = description.rounded {
      add("Measurements rounded to", "\(count: rounded.significantBits) significant bits")
      add("The original run’s content, SHA-256", "\(code: rounded.contentSHA256)")
    }
    add("Libraries", Prose(p.libraries.joined(separator: ", ")))
    add("Kernels", Prose(p.kernels))
    let threads = p.threads == 0 ? "" : p.threads == 1 ? "; 1 thread" : "; \(p.threads) threads"
    add("Machine", "\(p.cpu)\(threads); \(p.operatingSystem)")
    add("Seed", Prose(String(description.seed)))
    add("Started", Prose(p.startTime))
    if let finish = p.finishTime { add("Finished", Prose(finish)) }
    if let seconds = p.elapsedSeconds { add("Time measuring", Prose(try Self.duration(seconds))) }
    if let bytes = p.peakAnonymousBytes {
      add(
        "Peak memory",
        """
        \(try NumberText.fixed(Double(bytes) / 1_073_741_824, decimals: 2, of: "peak memory")) GiB anonymous \
        resident
        """)
    }
    return rows
  }

  /// The count is named where it is not the study file's own.
  private var commands: String {
    let isFetched = models.contains { $0.description.fetched != nil }
    let runs = distinct { model in
      if let origin = model.description.origin { return "clearbox import \(origin.file)" }
      let study = model.description.study
      let headline = model.description.budget.headline
      let stated =
        StudyKeys(of: model.description)?["tokens.headline"].flatMap { Int($0.filter { $0 != "_" }) } ?? headline
      let tokens = stated == headline ? "" : " --tokens \(headline)"
      let fetch = model.description.fetched == nil ? "" : "clearbox fetch studies/\(study).yaml\n"
      return fetch + "clearbox run studies/\(study).yaml\(tokens)"
    }
    let files = models.map { "out/\($0.description.study)/\($0.name.split(separator: "/").last ?? "").h5" }
    return """
      # in a clone of clearbox, with the \(areSeveral ? "models" : "model") and the study of the hashes below
      make build\(isFetched ? "" : " model")
      export PATH=$PWD/.build/release:$PATH
      \(runs.joined(separator: "\n"))
      clearbox render \(files.joined(separator: " "))

      """
  }

  /// "11 min 42 s".
  static func duration(_ seconds: Double) throws -> String {
    guard seconds.isFinite, seconds >= 0, seconds < 1e9 else {
      throw NumberError(value: "\(seconds)", place: "time of measuring")
    }
    let whole = Int(seconds.rounded())
    let (hours, minutes, rest) = (whole / 3600, whole / 60 % 60, whole % 60)
    return hours > 0 ? "\(hours) h \(minutes) min" : minutes > 0 ? "\(minutes) min \(rest) s" : "\(rest) s"
  }
}
