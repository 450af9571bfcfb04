import Foundation

/// Counts what one thread's time goes to, and its matrix products.
///
/// The thread is in one place at a time, so nothing is counted twice, and going elsewhere takes one look at the clock.
struct StageClock {
  private(set) var place = StagePlace()
  private var since: UInt64 = 0
  /// By slot; grows with the conditions that are seen.
  private var nanoseconds: [UInt64] = []
  private var products: [StageTimes.CountedProduct: Int] = [:]

  /// Leaves the present place for another.
  mutating func go(to next: StagePlace) {
    let now = Self.now
    if place.stage != nil {
      let slot = Self.slot(place)
      if slot >= nanoseconds.count {
        nanoseconds += Array(repeating: 0, count: slot + 1 - nanoseconds.count)
      }
      nanoseconds[slot] &+= now &- since
    }
    place = next
    since = now
  }

  /// Counts a product for the present place.
  mutating func count(_ shape: ProductShape) {
    if place.stage != nil { products[.init(place: place, shape: shape), default: 0] += 1 }
  }

  /// Forgets what was counted.
  mutating func reset() {
    nanoseconds = []
    products = [:]
    since = Self.now
  }

  var times: StageTimes {
    var times = StageTimes(products: products)
    for (slot, count) in nanoseconds.enumerated() where count > 0 {
      times.seconds[Self.place(slot)] = Double(count) * 1e-9
    }
    return times
  }

  // Constants: counting the cases would make an array of them, at each change of place.
  private static var stages: Int { Stage.writing.rawValue + 1 }
  private static var parts: Int { StagePart.epilogue.rawValue + 1 }

  private static func slot(_ place: StagePlace) -> Int {
    let condition = place.condition.map { $0 + 1 } ?? 0
    let stage = place.stage?.rawValue ?? 0
    return (condition * stages + stage) * parts + place.part.rawValue
  }

  private static func place(_ slot: Int) -> StagePlace {
    let (stage, part) = slot.quotientAndRemainder(dividingBy: parts)
    let condition = stage / stages
    return StagePlace(
      condition: condition == 0 ? nil : condition - 1, stage: Stage(rawValue: stage % stages),
      part: StagePart(rawValue: part) ?? .rest)
  }

  private static var now: UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
  }
}

/// What threads counted, together.
struct StageTimes: Sendable {
  struct CountedProduct: Hashable, Sendable {
    var place: StagePlace
    var shape: ProductShape
  }
  /// Of all threads.
  var seconds: [StagePlace: Double] = [:]
  var products: [CountedProduct: Int] = [:]

  mutating func add(_ other: StageTimes) {
    seconds.merge(other.seconds, uniquingKeysWith: +)
    products.merge(other.products, uniquingKeysWith: +)
  }
}
