import Analysis
import Foundation
import Measures
import RunFile

/// A comparison as JSON: sorted keys, numbers to the last digit, what has no value left out.
public enum ComparisonJSON {
  /// Grows when a reader of the old layout would misread the new one.
  public static let schemaVersion = 1

  /// - Throws: `EncodingError` for a number that is not finite.
  public static func data(_ comparison: RunComparison, gates: GateResults?) throws -> Data {
    try Layout(comparison, gates).sortedJSON(keys: .convertToSnakeCase)
  }

  private struct Layout: Encodable {
    let schemaName = "clearbox-diff"
    let schemaVersion = ComparisonJSON.schemaVersion
    let isIdentical: Bool
    let isComparable: Bool
    let level: Double
    let replicates: Int
    let seed: UInt64
    let interval = "symmetric studentized bootstrap"
    let correction = "Holm"
    let familySize: Int
    let modelsOnlyInA: [String]
    let modelsOnlyInB: [String]
    let models: [ModelLayout]
    let gates: [Gate.Judgement]?

    init(_ comparison: RunComparison, _ gates: GateResults?) {
      isIdentical = comparison.isIdentical
      isComparable = comparison.isComparable
      level = comparison.options.level
      replicates = comparison.options.replicates
      seed = comparison.options.seed
      familySize = comparison.familySize
      modelsOnlyInA = comparison.modelsOnlyInA
      modelsOnlyInB = comparison.modelsOnlyInB
      models = comparison.models.map(ModelLayout.init)
      self.gates = gates?.judgements
    }
  }

  private struct ModelLayout: Encodable {
    let model: String
    let isSameFile: Bool
    let runs: [RunIdentity]
    let notes: [String]
    let causes: [Cause]
    let samples: [RunComparison.Sample]
    let conditionsOnlyInA: [String]
    let conditionsOnlyInB: [String]
    let differences: [Row]

    init(_ model: RunComparison.Model) {
      self.model = model.model
      isSameFile = model.isSameFile
      runs = model.runs
      notes = model.notes
      causes = model.causes
      samples = model.samples
      conditionsOnlyInA = model.conditionsOnlyInA
      conditionsOnlyInB = model.conditionsOnlyInB
      differences = model.differences.map(Row.init)
    }
  }

  private struct Row: Encodable {
    let id, metric, conditionA, conditionB, stratum, quantity, unit, verdict: String
    let a, b, difference, low, high, relative, relativeLow, relativeHigh, pValue, adjustedPValue: Double?
    let sameHypothesisAs, reason: String?
    let isPaired, isIndicative: Bool
    let isInsideMargin: Bool?
    let clustersA, clustersB: Int
    let margin: EquivalenceMargin

    init(_ row: MetricDifference) {
      id = row.id
      metric = row.metric.id
      (conditionA, conditionB) = (row.conditionA, row.conditionB)
      (stratum, quantity) = (row.stratum.rawValue, row.quantity.rawValue)
      unit = row.unit
      verdict = row.verdict.rawValue
      (a, b, difference) = (row.a, row.b, row.difference)
      (low, high) = (row.interval?.low, row.interval?.high)
      (relative, relativeLow, relativeHigh) = (row.relative, row.relativeInterval?.low, row.relativeInterval?.high)
      (pValue, adjustedPValue) = (row.pValue, row.adjustedPValue)
      (sameHypothesisAs, reason) = (row.sameHypothesisAs, row.reason)
      (isPaired, isIndicative, isInsideMargin) = (row.isPaired, row.isIndicative, row.isInsideMargin)
      (clustersA, clustersB) = (row.clustersA, row.clustersB)
      margin = row.margin
    }
  }
}
