import FabricatedRuns
import Foundation
import RunFile
import Testing

@testable import Experiments

/// The tiny checkpoint measured from its files to its run file.
@Suite("A run that keeps its profile")
struct ProfiledRunTests {
  /// Returns what the run told at its end.
  @discardableResult
  private func measure(_ tiny: TinyRun, _ name: String, profiles: Bool) throws -> [ModelRun.Event] {
    var events: [ModelRun.Event] = []
    try tiny.measure(name, profiles: profiles) { event in
      switch event {
      case .timingProducts, .profiled, .alreadyMeasured: events.append(event)
      default: break
      }
    }
    return events
  }

  @Test("the same bits with and without; the profile stands beside them and identifies nothing")
  func sameBits() throws {
    var tiny = try TinyRun()
    tiny.experiments = ["accuracy"]
    let folder = tiny.folder
    #expect(try measure(tiny, "plain.h5", profiles: false).isEmpty)
    let events = try measure(tiny, "profiled.h5", profiles: true)
    let (plain, profiled) = (try RunReader(folder.file("plain.h5")), try RunReader(folder.file("profiled.h5")))
    #expect(plain.tokenCount == 1000)
    for key in plain.columns {
      // NaN where nothing is scored: compare what is stored, not numbers.
      #expect(try plain.values(key).bits == profiled.values(key).bits, "\(key)")
    }
    #expect(plain.contentSHA256 == profiled.contentSHA256)
    #expect(try profiled.verify() == plain.contentSHA256)
    #expect(try ModelRun.fingerprint(plain.description) == ModelRun.fingerprint(profiled.description))
    #expect(plain.description.provenance.profile == nil)
    let profile = try #require(profiled.description.provenance.profile)
    #expect(profile.tokens == 1000 && profile.threads == 2 && profile.startSeconds > 0)
    #expect(profile.entries.allSatisfy { $0.multiplyAdds == 0 || $0.secondsAtBest > 0 })
    let sum = profile.entries.reduce(0) { $0 + $1.seconds }
    #expect(abs(sum - 2 * profile.wallSeconds) < 1e-9)
    guard case .timingProducts(let shapes)? = events.first, case .profiled(let told)? = events.last else {
      Issue.record("no profile was told of")
      return
    }
    #expect(shapes > 0 && shapes <= profile.products.count && told.provenance.profile == profile)

    // A finished run is not measured again for its profile, nor does asking for none take it away.
    for name in ["plain.h5", "profiled.h5"] {
      guard case .alreadyMeasured(_, let description)? = try measure(tiny, name, profiles: name == "plain.h5").first
      else {
        Issue.record("\(name) was measured again")
        continue
      }
      #expect((description.provenance.profile == nil) == (name == "plain.h5"))
    }
  }
}

extension ColumnValues {
  fileprivate var bits: [UInt64] {
    switch self {
    case .uint8(let values): values.map { UInt64($0) }
    case .int32(let values): values.map { UInt64(UInt32(bitPattern: $0)) }
    case .float32(let values): values.map { UInt64($0.bitPattern) }
    case .float64(let values): values.map(\.bitPattern)
    }
  }
}
