import FabricatedRuns
import Foundation
import Testing

@testable import Experiments

@Suite("What a study of several models finds out before the first is measured")
struct CheckedBeforeTests {
  private func complaint(_ change: (inout ModelRun.Plan, TinyRun) throws -> Void) throws -> String? {
    let tiny = try TinyRun()
    var plan = tiny.plan
    try change(&plan, tiny)
    return message { try ModelRun.checkLater([tiny.plan, plan]) }
  }

  @Test("nothing of a run that can be measured")
  func nothing() throws {
    #expect(try complaint { _, _ in } == nil)
  }

  @Test("a missing checkpoint, a layer that is none, a condition's checkpoint of another model")
  func mistakes() throws {
    #expect(try complaint { plan, _ in plan.checkpoint += "-none" }?.contains("no such file") == true)
    #expect(try complaint { plan, _ in plan.layer = 7 }?.hasPrefix("layer: 7 does not exist") == true)
    let other = try complaint { plan, tiny in
      let folder = tiny.folder.file("other")
      try FileManager.default.copyItem(atPath: Goldens.path("shipped/ct-fp8-channel"), toPath: folder)
      plan.conditions.append(
        .init(AsStored(), checkpoint: .init(places: [.init(model: nil, path: folder)], name: "other", label: "Other")))
      plan.conditionCheckpoints["other"] = folder
    }
    #expect(other?.contains("it is not the study's model") == true, "\(other ?? "")")
  }
}
