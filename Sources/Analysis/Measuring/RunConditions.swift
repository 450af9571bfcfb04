import Measures
import RunFile

/// A run's conditions by their places: the study's in its order, reruns after them.
struct RunConditions: Sendable {
  let all: [RunDescription.Condition]
  /// How many of them are the study's.
  let studyCount: Int
  let baseline: Int
  /// The place of what each is compared with: the baseline's is its own, a rerun's its original.
  let references: [Int]
  /// The place of each one's rerun.
  let reruns: [Int?]
  /// True where a token is massive by the two conditions that are compared (docs/protocol.md); false where the baseline
  /// decides for all, as in run files that lack what pairs need.
  let hasPairs: Bool

  /// - Throws: `AnalysisError.noBaseline`.
  init(_ reader: RunReader) throws {
    let description = reader.description
    let study = description.conditions
    let baselines = study.indices.filter { study[$0].isBaseline }
    guard let baseline = baselines.first, baselines.count == 1 else {
      throw AnalysisError.noBaseline(path: reader.path, count: baselines.count)
    }
    let all = study + (description.rerunConditions ?? [])
    self.all = all
    self.baseline = baseline
    studyCount = study.count
    references = all.map { condition in
      let name = condition.rerunOf ?? description.reference(of: condition)?.name
      return all.firstIndex { $0.name == name } ?? baseline
    }
    reruns = all.map { condition in all.firstIndex { $0.rerunOf == condition.name } }
    let compared = study.filter { !$0.isBaseline }
    hasPairs = !compared.isEmpty && compared.allSatisfy { reader.has(Column.massive.key($0.name)) }
  }

  func isRerun(_ place: Int) -> Bool { place >= studyCount }

  /// The conditions whose pairs a condition is part of: its own, and of those that are compared with it.
  func masks(of place: Int) -> [Int] {
    guard hasPairs else { return [baseline] }
    let original = isRerun(place) ? references[place] : place
    return [original] + (0..<studyCount).filter { $0 != original && references[$0] == original }
  }

  /// The key of a sum. The pair matters where massive tokens are told from others; the baseline's stands for it elsewhere.
  func key(_ condition: Int, _ mask: Int, _ stratum: Stratum, _ sum: Sum, bucket: Int? = nil) -> QuantityKey {
    let isStratified = sum.isStratified
    let stratum = isStratified ? stratum : .all
    return QuantityKey(
      condition: condition, mask: hasPairs && isStratified && stratum.dividesMassive ? mask : baseline,
      stratum: stratum, sum: sum, bucket: bucket)
  }

  /// Where a metric of one of the study's conditions is taken.
  func place(_ condition: Int, _ stratum: Stratum, bucket: Int? = nil) -> Place {
    let reference = references[condition]
    return Place(
      condition: condition, reference: reference, rerun: reruns[condition], referenceRerun: reruns[reference],
      mask: condition, stratum: stratum, bucket: bucket)
  }
}

extension Stratum {
  /// False where massive tokens are in with the others.
  var dividesMassive: Bool { self == .withoutMassive || self == .ordinary }
}

/// A condition, what it is compared with, and the tokens.
struct Place: Hashable, Sendable {
  var condition: Int
  var reference: Int
  var rerun: Int?
  var referenceRerun: Int?
  /// The condition whose pair decides which tokens are massive.
  var mask: Int
  var stratum: Stratum
  /// As in `QuantityKey`.
  var bucket: Int?

  func condition(at side: Metric.Side) -> Int? {
    switch side {
    case .own: condition
    case .reference: reference
    case .rerun: rerun
    case .referenceRerun: referenceRerun
    }
  }

  /// The same tokens, seen from another side.
  func moved(to side: Metric.Side) -> Place? {
    guard let own = condition(at: side) else { return nil }
    var place = self
    place.condition = own
    if side == .rerun { place.reference = condition }
    return place
  }

  /// The reference over the same tokens.
  var atReference: Place {
    var place = self
    (place.condition, place.rerun) = (reference, referenceRerun)
    return place
  }
}
