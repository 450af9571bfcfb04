import Digests
import FabricatedRuns
import Foundation
import Testing

/// The rules of RO-Crate 1.1 and of Process Run Crate 0.5 that a manifest could break, read as plain JSON.
@Suite("The manifest, as JSON")
struct ManifestTests {
  private typealias Entity = [String: Any]

  private static func references(_ value: Any) -> [String] {
    if let list = value as? [Any] { return list.flatMap { references($0) } }
    return (value as? Entity)?["@id"].map { [$0 as? String ?? ""] } ?? []
  }

  @Test(
    "it describes every file and action, each once, refers to nothing that it does not describe, and has digests that are right",
    arguments: [1, 2])
  func structure(models: Int) throws {
    let folder = TemporaryFolder()
    let out = folder.file("out")
    try FileManager.default.createDirectory(atPath: out, withIntermediateDirectories: true)
    var runs: [String] = []
    for index in 0..<models {
      var run = FabricatedRun()
      run.modelName = "model \(index)"
      runs.append(out + "/run \(index) ü#%.h5")
      try run.write(to: runs[index])
    }
    try put(
      Data("authors: [A. Author, Büşra “B” Builder]\nlicense: https://example.org/license\n".utf8),
      at: out + "/author.yaml")
    let render = try Command.run(["render"] + runs + ["--format", "html,gfm,hugo,tables"])
    try #require(render.status == 0, "\(render.errors)")
    let document = try #require(
      try JSONSerialization.jsonObject(with: bytes(of: out + "/ro-crate-metadata.json")) as? Entity)
    #expect((document["@context"] as? [Any])?.first as? String == "https://w3id.org/ro/crate/1.1/context")
    let graph = try #require(document["@graph"] as? [Entity])
    var entities: [String: Entity] = [:]
    for entity in graph {
      let id = try #require(entity["@id"] as? String)
      #expect(entities.updateValue(entity, forKey: id) == nil, "\(id) is described twice")
      #expect(entity["@type"] is String, "\(id)")
      // Flattened: an object inside an entity is a reference.
      for value in entity.values {
        for item in (value as? [Any]) ?? [value] where item is Entity {
          #expect((item as? Entity)?.count == 1, "\(id)")
        }
      }
    }
    for entity in graph {
      for reference in entity.values.flatMap({ Self.references($0) })
      where !reference.hasPrefix("https://w3id.org/ro/crate/") {
        #expect(entities[reference] != nil, "\(entity["@id"] ?? "") refers to \(reference)")
      }
    }
    let descriptor = try #require(entities["ro-crate-metadata.json"])
    #expect(Self.references(descriptor["about"] as Any) == ["./"])
    #expect(Self.references(descriptor["conformsTo"] as Any) == ["https://w3id.org/ro/crate/1.1"])
    let root = try #require(entities["./"])
    for key in ["name", "description", "license", "datePublished"] { #expect(root[key] != nil, "\(key)") }
    #expect((root["datePublished"] as? String)?.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00/) != nil)
    #expect(
      Self.references(root["author"] as Any).map { entities[$0]?["name"] as? String } == [
        "A. Author", "Büşra “B” Builder",
      ])

    let listed = Self.references(root["hasPart"] as Any)
    #expect(
      listed
        == listed.sorted {
          $0.removingPercentEncoding!.utf8.lexicographicallyPrecedes($1.removingPercentEncoding!.utf8)
        })
    var paths: Set<String> = ["ro-crate-metadata.json"]
    for id in listed {
      let (file, path) = (try #require(entities[id]), try #require(id.removingPercentEncoding))
      #expect(file["@type"] as? String == "File" && file["name"] is String && file["encodingFormat"] is String)
      let data = try bytes(of: out + "/" + path)
      #expect(file["contentSize"] as? String == String(data.count))
      #expect(
        file["sha256"] as? String
          == SHA256.hash(data: data).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined())
      #expect(
        URL(string: id, relativeTo: URL(string: "https://example.org/x/"))?.scheme == "https",
        "\(id) is a relative reference")
      paths.insert(path)
    }
    var found: Set<String> = []
    for case let path as String in try #require(FileManager.default.enumerator(atPath: out)) {
      var isFolder: ObjCBool = false
      _ = FileManager.default.fileExists(atPath: out + "/" + path, isDirectory: &isFolder)
      if !isFolder.boolValue { found.insert(path) }
    }
    #expect(paths == found, "every file of the folder is listed")

    let actions = Self.references(root["mentions"] as Any)
    #expect(actions.count == models + 1)
    for id in actions {
      let action = try #require(entities[id])
      #expect(action["@type"] as? String == "CreateAction")
      let program = Self.references(action["instrument"] as Any).compactMap { entities[$0] }
      #expect(
        program.first?["@type"] as? String == "SoftwareApplication" && program.first?["softwareVersion"] is String)
      #expect(!Self.references(action["object"] as Any).isEmpty && !Self.references(action["result"] as Any).isEmpty)
    }
    #expect(try Command.run(["verify", out]).status == 0)
  }

  @Test("a run that was interrupted is listed part by part, and verified")
  func unfinished() throws {
    let folder = TemporaryFolder()
    var run = FabricatedRun()
    run.isComplete = false
    try run.writeParts(to: folder.file("out/m.h5.parts"), blocks: 3)
    #expect(try Command.run(["render", folder.file("out/m.h5.parts")]).status == 0)
    let verify = try Command.run(["verify", folder.file("out")])
    #expect(verify.status == 0 && verify.output.contains("a run in progress"), "\(verify.output)")
    let part = folder.file("out/m.h5.parts/block-000001.h5")
    try put(try bytes(of: part).dropLast(1), at: part)
    let damaged = try Command.run(["verify", folder.file("out")])
    #expect(damaged.status == 1 && damaged.output.contains("DIFFERS   m.h5.parts/block-000001.h5"))
  }
}
