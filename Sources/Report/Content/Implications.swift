import Analysis
import RunFile
import Words

/// What the verdicts mean for those who build, read and oversee models. Each sentence stands on a verdict of these runs,
/// and claims no more than it.
extension ReportBuilder {
  func implications() throws -> [Block] {
    let said = [try forDevelopers(), try forReaders(), forSociety()].compactMap(\.self)
    return said.isEmpty ? [] : [.heading("What follows"), .list(said)]
  }

  // MARK: For model developers

  private func forDevelopers() throws -> Prose? {
    var sentences: [Prose] = []
    let entries = entries(.crossEntropyChange)
    let rising = entries.filter { $0.outcome == .increase }
    if !rising.isEmpty {
      let parts = try rising.map { entry -> Prose in
        let change = try range(entry.models) {
          try $0.numbers.changeAmount(.crossEntropy, entry.condition, inPercent: true)
        }
        return "\(strong: entry.condition)\(on(entry.models)) (\(change ?? "by an amount not given"))"
      }
      sentences.append(
        """
        Text like this is predicted measurably worse under \(Prose.list(parts)); what that costs on a task, only the \
        task can tell.
        """)
    }
    for entry in entries where entry.outcome == .inconclusive {
      guard let bound = try mostPlausibleRise(entry) else { continue }
      sentences.append(
        """
        Under \(strong: entry.condition)\(on(entry.models)), no change can be told from zero, and the \(level) interval \
        ends at \(bound): nothing here speaks for a larger rise on text like this.
        """)
    }
    let falling = entries.filter { $0.outcome == .decrease }
    if !falling.isEmpty {
      let parts: [Prose] = falling.map { "\(strong: $0.condition)\(on($0.models))" }
      sentences.append("Under \(Prose.list(parts)), this text is predicted measurably better: no cost was found on it.")
    }
    guard let all = Self.together(sentences) else { return nil }
    return "\(strong: "For model developers.") \(all)"
  }

  /// The upper end of the interval of the change of cross-entropy, the largest of several models'.
  private func mostPlausibleRise(_ entry: Entry) throws -> BoundNumber? {
    var highest: BoundNumber?
    for model in entry.models {
      guard let change = model.numbers.findings.finding(.crossEntropy, condition: entry.condition)?.percentChange,
        let high = change.interval?.high, var number = try model.numbers.percentChange(.crossEntropy, entry.condition)
      else { continue }
      guard high > highest?.value ?? -.infinity else { continue }
      number.text =
        try NumberText.signed(high, decimals: model.numbers.formats.percentDecimals(change), of: "interval") + "%"
      number.value = high
      number.id += "/high"
      highest = number
    }
    return highest
  }

  // MARK: For those who read models

  private func forReaders() throws -> Prose? {
    var sentences: [Prose] = []
    let worse = errorCells(.increase)
    if !worse.isEmpty {
      sentences.append(
        """
        Under \(places(worse)), an autoencoder trained on the uncompressed model reconstructs the compressed one \
        measurably worse: a finding about features of the compressed copy needs the error measured on that copy, with \
        the form of FVU and the tokens named.
        """)
    }
    let open = errorCells(.inconclusive)
    if !open.isEmpty {
      sentences.append(
        """
        Under \(places(open)), no loss of reconstruction can be told from zero; how large a loss would have been seen is \
        what the intervals say.
        """)
    }
    let better = errorCells(.decrease)
    if !better.isEmpty {
      sentences.append("Under \(places(better)), the squared error falls: this autoencoder loses nothing there.")
    }
    let blind = compressed.flatMap { condition in
      models.filter { $0.outcome(.noiseFloor, condition) == .uninformative }.map { (condition: condition, model: $0) }
    }
    if !blind.isEmpty {
      sentences.append(
        """
        Under \(places(blind)), compression moves the activations by far less than the autoencoder misses: an unchanged \
        FVU is no evidence there.
        """)
    }
    guard let all = Self.together(sentences) else { return nil }
    return "\(strong: "For those who read models with autoencoders.") \(all)"
  }

  /// Conditions and models whose squared error on ordinary tokens (all tokens, where those were not told apart) has this
  /// verdict.
  private func errorCells(_ outcome: Verdict.Outcome) -> [(condition: String, model: ReportModel)] {
    compressed.flatMap { condition in
      models.filter {
        !$0.isSummary && ($0.outcome(.errorOrdinaryChange, condition) ?? $0.outcome(.errorChange, condition)) == outcome
      }.map { (condition: condition, model: $0) }
    }
  }

  // MARK: For society

  private func forSociety() -> Prose? {
    let worse = errorCells(.increase)
    let others = errorCells(.inconclusive) + errorCells(.identical)
    let claim: Prose
    switch (worse.isEmpty, others.isEmpty) {
    case (true, true): return nil
    case (false, _):
      claim = """
        People meet the compressed copy. An audit of it with the original’s dictionary sees it less exactly under \
        \(places(worse)); by how much is measured here.
        """
    case (true, false):
      claim = """
        People meet the compressed copy. This report gives no sign that an audit of it with the original’s dictionary \
        sees it less exactly under \(places(others)), and does not exclude it.
        """
    }
    return """
      \(strong: "For society.") \(claim) That the same features still fire, which an audit would need to know, was \
      not tested.
      """
  }

  // MARK: Further research

  func furtherResearch() throws -> [Block] {
    var items: [Prose] = []
    if hasSAE {
      items.append(
        """
        Do the same features fire after compression, and do they mean the same? FVU and L0 say how well and with how \
        many, not with which.
        """)
    }
    let open = entries(.crossEntropyChange).filter { $0.outcome == .inconclusive }
    if !open.isEmpty {
      let parts: [Prose] = open.map { "\(strong: $0.condition)\(on($0.models))" }
      items.append("More text for \(Prose.list(parts)), whose change of cross-entropy could not be told from zero.")
    }
    items += try each { model in
      guard model.description.model.isDequantized else { return nil }
      return "The same on the original weights: this baseline had lost something before it was compressed again."
    }
    if hasSAE {
      items.append("Other layers, other dictionaries and other widths, for one says little about the next.")
    }
    items.append("Tasks besides predicting the next token, where a small change of cross-entropy may weigh more or less.")
    items.append("Other compressions: checkpoints trained with quantization in mind, compressed key-value caches.")
    return [.heading("Further research"), .list(items)]
  }
}
