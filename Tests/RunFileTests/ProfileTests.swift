import FabricatedRuns
import Foundation
import Testing

@testable import RunFile

@Suite("A run's profile in its file")
struct ProfileTests {
  private let folder = TemporaryFolder()

  private let profile = RunProfile(
    tokens: 256, threads: 2, wallSeconds: 3.5, processorSeconds: 6, startSeconds: 0.25,
    entries: [
      .init(
        stage: "gate and up", part: "product", condition: "bf16", seconds: 1.5, multiplyAdds: 2e9, secondsAtBest: 1.25),
      .init(stage: "waiting", part: nil, condition: nil, seconds: 5.5, multiplyAdds: 0, secondsAtBest: 0),
    ],
    products: [.init(precision: "bf16", rows: 512, columns: 4096, depth: 640, count: 3, secondsAtBest: 0.125)])

  /// A run without a profile and the same run with one.
  private func write() throws -> (old: String, new: String) {
    var run = FabricatedRun()
    run.chunkCount = 8
    let parts = try run.writeParts(to: folder.file("parts"))
    var description = run.description
    try parts.assemble(to: folder.file("old.h5"), description: description)
    description.provenance.profile = profile
    try parts.assemble(to: folder.file("new.h5"), description: description)
    return (folder.file("old.h5"), folder.file("new.h5"))
  }

  @Test("it is read back as it was; content hash and description do not know of it")
  func roundTrip() throws {
    let paths = try write()
    let (old, new) = (try RunReader(paths.old), try RunReader(paths.new))
    #expect(new.description.provenance.profile == profile)
    #expect(new.contentSHA256 == old.contentSHA256)
    try new.verify()
    let (oldFile, newFile) = (try UnverifiedRun.open(paths.old), try UnverifiedRun.open(paths.new))
    #expect(newFile.descriptionJSON == oldFile.descriptionJSON)
    #expect(Set(newFile.volatileTexts.keys).subtracting(oldFile.volatileTexts.keys) == ["profile"])
  }

  @Test("a file without one reads, and so does a file whose profile a later version wrote")
  func others() throws {
    let old = try write().old
    #expect(try RunReader(old).description.provenance.profile == nil)
    try HDF5Library.locked {
      let file = try HDF5File(extending: old)
      try file.setAttribute("profile", of: RunSchema.volatileGroup, to: .text("{\"flames\": []}"))
      try file.flush()
    }
    let reader = try RunReader(old)
    #expect(reader.description.provenance.profile == nil && reader.tokenCount > 0)
    try reader.verify()
  }

  @Test("the JSON that a run in progress keeps may have one, or none")
  func json() throws {
    var provenance = FabricatedRun().description.provenance
    for value in [nil, profile] {
      provenance.profile = value
      let data = try JSONEncoder().encode(provenance)
      #expect(try JSONDecoder().decode(RunDescription.Provenance.self, from: data) == provenance)
      #expect(String(decoding: data, as: UTF8.self).contains("profile") == (value != nil))
    }
  }
}
