import Measures
import RunFile

/// What findings say of single tokens, taken from the columns that experiments wrote.
struct TokenFindings {
  let conditions: RunConditions
  let run: RunTables
  /// The first so many tokens are those that the numbers stand on.
  let count: Int
  private var columns: TokenColumns

  init(_ reader: RunReader, _ run: RunTables, _ conditions: RunConditions, count: Int) {
    (self.run, self.conditions, self.count) = (run, conditions, count)
    columns = TokenColumns(reader, run, conditions)
  }

  private var compared: [Int] { (0..<conditions.studyCount).filter { $0 != conditions.baseline } }

  /// Of each compared condition in a run that knows which tokens are massive under it; none in older runs.
  mutating func massiveTokens() throws -> [MassiveTokens] {
    var result: [MassiveTokens] = []
    for place in compared {
      let reference = conditions.references[place]
      guard let own = try columns.values(.massive, place), let other = try columns.values(.massive, reference),
        let norms = try columns.values(.squaredNorm, place),
        let referenceNorms = try columns.values(.squaredNorm, reference)
      else { continue }
      var tokens: [MassiveTokens.Token] = []
      for row in 0..<count where own[row] + other[row] > 0 {
        let kind: MassiveTokens.Kind = own[row] == other[row] ? .kept : own[row] > other[row] ? .gained : .lost
        tokens.append(
          MassiveTokens.Token(
            id: Int(run.tokens.id[row]), norm: norms[row].squareRoot(), referenceNorm: referenceNorms[row].squareRoot(),
            kind: kind))
      }
      result.append(MassiveTokens(condition: conditions.all[place].name, tokens: tokens))
      columns.forget()
    }
    return result
  }

  /// Of each compared condition, and of its rerun where there is one.
  mutating func noiseRatios() throws -> [NoiseRatios] {
    var result: [NoiseRatios] = []
    for original in compared {
      for place in [original, conditions.reruns[original]].compactMap(\.self) {
        let isRerun = conditions.isRerun(place)
        guard let moved = try columns.values(.squaredPerturbation, place),
          let missed = try columns.values(.squaredError, original)
        else { continue }
        let rows = isRerun ? run.rerunRows : nil
        var ratios = NoiseRatios(
          condition: conditions.all[place].rerunOf ?? conditions.all[place].name, isRerun: isRerun)
        for row in 0..<count where rows?[row] ?? true { ratios.add(moved: moved[row], missed: missed[row]) }
        if ratios.tokenCount > 0 { result.append(ratios) }
        columns.forget()
      }
    }
    return result
  }
}
