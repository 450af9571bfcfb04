import Foundation
import RunFile

extension RunComparison {
  /// Compares runs of A with runs of B, models paired by name.
  ///
  /// - Throws: `ComparisonInputError` for options that do not fit the runs; as `Findings(of:)` for runs that cannot be read.
  public init(_ a: [RunReader], _ b: [RunReader], _ options: Options) throws {
    func byModel(_ readers: [RunReader]) throws -> [String: RunReader] {
      var found: [String: RunReader] = [:]
      for reader in readers {
        let model = reader.description.model.name
        if let other = found[model] {
          throw ComparisonInputError.twice(model: model, paths: [other.path, reader.path])
        }
        found[model] = reader
      }
      return found
    }
    let (inA, inB) = (try byModel(a), try byModel(b))
    var models: [Model] = []
    try Self.check(options.matches, a, b)
    for reader in a {
      guard let other = inB[reader.description.model.name] else { continue }
      models.append(try Model(reader, other, options))
    }
    self.init(
      options: options, models: models,
      modelsOnlyInA: a.map(\.description.model.name).filter { inB[$0] == nil },
      modelsOnlyInB: b.map(\.description.model.name).filter { inA[$0] == nil }, familySize: 0)
    judge()
  }

  private static func check(_ matches: [Options.Match], _ a: [RunReader], _ b: [RunReader]) throws {
    func names(_ readers: [RunReader]) -> [String] {
      var names: [String] = []
      for name in readers.flatMap({ $0.description.conditions.map(\.name) }) where !names.contains(name) {
        names.append(name)
      }
      return names
    }
    let (inA, inB) = (names(a), names(b))
    for match in matches where !inA.contains(match.a) || !inB.contains(match.b) {
      throw ComparisonInputError.match(
        "\(match.a)=\(match.b)", known: ["A: \(inA.joined(separator: ", "))", "B: \(inB.joined(separator: ", "))"])
    }
  }

  /// Corrects p values over all models and turns them into verdicts.
  private mutating func judge() {
    let rows = models.indices.flatMap { model in models[model].differences.indices.map { (model, $0) } }
    let family = rows.filter { model, row in
      models[model].differences[row].pValue != nil && models[model].differences[row].sameHypothesisAs == nil
    }
    familySize = family.count
    let adjusted = HolmCorrection.adjusted(family.map { models[$0].differences[$1].pValue ?? 1 })
    for ((model, row), p) in zip(family, adjusted) { models[model].differences[row].adjustedPValue = p }
    for model in models.indices {
      let byId = Dictionary(models[model].differences.map { ($0.id, $0) }) { first, _ in first }
      for row in models[model].differences.indices {
        if let other = models[model].differences[row].sameHypothesisAs, let twin = byId[other] {
          models[model].differences[row].pValue = twin.pValue
          models[model].differences[row].adjustedPValue = twin.adjustedPValue
        }
        models[model].differences[row].judge(level: options.level)
      }
    }
  }
}

extension MetricDifference {
  /// Sets the verdict of what has an adjusted p value.
  fileprivate mutating func judge(level: Double) {
    guard let adjustedPValue, let difference else { return }
    let chosen = margin.isRelative ? relativeInterval : interval
    isInsideMargin = chosen.map { -margin.size <= $0.low && $0.high <= margin.size }
    guard adjustedPValue <= 1 - level else {
      verdict = isInsideMargin == true ? .equivalent : .withinNoise
      return
    }
    switch metric.direction {
    case .neither: verdict = .differs
    case .lowerIsBetter: verdict = difference < 0 ? .better : .worse
    case .higherIsBetter: verdict = difference > 0 ? .better : .worse
    }
  }
}

extension RunComparison.Model {
  init(_ a: RunReader, _ b: RunReader, _ options: RunComparison.Options) throws {
    let causes = Cause.differences(a.description, b.description)
    self.init(
      model: a.description.model.name, causes: causes, conditions: [], samples: [], differences: [],
      conditionsOnlyInA: [],
      conditionsOnlyInB: [], notes: [], isSameFile: Self.haveSameBytes(a.path, b.path))
    runs = [RunIdentity(a), RunIdentity(b)]
    let pairs = pair(a.description.conditions.map(\.name), b.description.conditions.map(\.name), options.matches)
    conditions = pairs.map(\.a)
    if isSameFile { return }
    for (name, reader) in [("A", a), ("B", b)] where reader.isPartial {
      notes.append("\(name) is partial: the run had not finished.")
    }
    let reason = Comparability.ofRuns(a.description, b.description)
    if a.summary != nil || b.summary != nil {
      let which = a.summary != nil ? (b.summary != nil ? "both runs hold" : "A holds") : "B holds"
      differences = DifferencesWithoutRows(a: a, b: b, options: options).differences(
        pairs, reason: reason ?? "\(which) values without raw measurements: no interval can be made")
      return
    }
    if let reason {
      differences = DifferencesWithoutRows(a: a, b: b, options: options).differences(pairs, reason: reason)
      return
    }
    let runs = try inParallel({ try ComparedRun(a) }, { try ComparedRun(b) })
    (samples, differences) = try DifferencesOfRuns(a: runs.0, b: runs.1, options: options).computed(pairs)
    let withReruns = [("A", a), ("B", b)].filter { $0.1.description.reruns != nil }
    if withReruns.count == 1 {
      notes.append("Only \(withReruns[0].0) has reruns: distances beyond rounding are not compared.")
    }
    for sample in samples where sample.leftOutA + sample.leftOutB > 0 {
      let left = [("A", sample.leftOutA), ("B", sample.leftOutB)].filter { $0.1 > 0 }.map { "\($0.1) of \($0.0)" }
      notes.append(
        "\(sample.experiments.joined(separator: ", ")): compared token by token on the \(sample.tokensA) tokens that both "
          + "runs hold; \(left.joined(separator: " and ")) are left out.")
    }
  }

  private mutating func pair(
    _ a: [String], _ b: [String], _ matches: [RunComparison.Options.Match]
  ) -> [RunComparison.Options.Match] {
    var pairs: [RunComparison.Options.Match] = []
    for name in a {
      if let match = matches.first(where: { $0.a == name && b.contains($0.b) }) {
        pairs.append(match)
      } else if b.contains(name), !matches.contains(where: { $0.b == name }) {
        pairs.append(.init(a: name, b: name))
      } else {
        conditionsOnlyInA.append(name)
      }
    }
    conditionsOnlyInB = b.filter { name in !pairs.contains { $0.b == name } }
    return pairs
  }

  /// Whether two run files are the same, byte for byte; false for folders of parts.
  private static func haveSameBytes(_ a: String, _ b: String) -> Bool {
    var isFolder: ObjCBool = false
    for path in [a, b] {
      guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue else {
        return false
      }
    }
    return FileManager.default.contentsEqual(atPath: a, andPath: b)
  }
}

/// Both results, computed at once.
public func inParallel<X, Y>(_ x: () throws -> X, _ y: () throws -> Y) throws -> (X, Y) {
  let results: [Any] = concurrently(2) { index in
    index == 0 ? Result { try x() } as Any : Result { try y() } as Any
  }
  guard let first = results[0] as? Result<X, any Error>, let second = results[1] as? Result<Y, any Error> else {
    preconditionFailure("each result has its own type")
  }
  return (try first.get(), try second.get())
}
