import FabricatedRuns
import Foundation
import HubServer
import Testing

@Suite("The command fetch")
struct FetchCommandTests {
  private func study(_ folder: TemporaryFolder, checkpoint: String = "hf://acme/tiny") throws -> String {
    let path = folder.file("study.yaml")
    let text = """
      title: T
      models:
        - name: tiny
          checkpoint: \(checkpoint)
          layer: 0
          sae: hf://acme/scope@aacd3103f3f1fcab0248f041a315ab6816c8a0e9/resid_post/layer_17_width_16k_l0_medium
      corpus: { path: "hf://datasets/acme/texts/data/part-0.jsonl" }
      experiments: [accuracy]
      conditions: [bf16]
      tokens: { headline: 100 }
      """
    try put(Data(text.utf8), at: path)
    return path
  }

  @Test("run asks for fetch; a dry run lists; fetch gets; run finds")
  func wholeWay() throws {
    let (folder, server) = (TemporaryFolder(), try HubServer())
    let path = try study(folder)
    let environment = server.environment(token: HubServer.token)
    let snapshot = "\(server.folder)/cache/models--acme--tiny/snapshots/"

    let early = try Command.run(["run", path, "--out", folder.file("out")], environment: environment)
    #expect(early.status == 2)
    #expect(
      early.errors
        == "clearbox: \(path), line 4: models[0].checkpoint is hf://acme/tiny. Nothing of it is in the Hub cache \(server.folder)/cache. Run 'clearbox fetch \(path)' first.\n"
    )

    let dry = try Command.run(["fetch", path, "--dry-run"], environment: environment)
    #expect(dry.status == 0, "\(dry.errors)")
    #expect(dry.output.contains("   model-00001-of-00002.safetensors    3.0 MB  to download\n"))
    #expect(dry.output.contains("params.safetensors") && !dry.output.contains("examples"))
    #expect(dry.output.contains("To download: 3.12 MB"))
    #expect(!FileManager.default.fileExists(atPath: server.folder + "/cache"))
    #expect(try server.requests().allSatisfy { $0.path.hasPrefix("/api/") })

    let fetched = try Command.run(["fetch", path], environment: environment)
    #expect(fetched.status == 0, "\(fetched.errors)")
    #expect(fetched.output.contains("hf://acme/tiny\n   is at \(snapshot)"))
    #expect(!fetched.output.contains(HubServer.token) && !fetched.errors.contains(HubServer.token))

    // The server's weights are no weights: what says so is the checkpoint's reader, in the snapshot.
    let late = try Command.run(["run", path, "--out", folder.file("out")], environment: environment)
    #expect(
      late.status == 2 && late.errors.contains(snapshot) && late.errors.contains(".safetensors"), "\(late.errors)")

    let requests = try server.requests().count
    let offline = try Command.run(["fetch", path], environment: environment.merging(["HF_HUB_OFFLINE": "1"]) { $1 })
    #expect(offline.status == 0 && offline.output.contains("Everything is there"), "\(offline.errors)")
    #expect(try server.requests().count == requests)
  }

  @Test("content that is wrong twice is exit code 1; what cannot be had, 2; a study of local files needs nothing")
  func endings() throws {
    let folder = TemporaryFolder()
    let spoilt = try HubServer(faults: [#"{"at": "content", "times": 9, "do": "corrupt"}"#])
    let wrong = try Command.run(["fetch", try study(folder)], environment: spoilt.environment())
    #expect(wrong.status == 1 && wrong.errors.contains("digest"), "\(wrong.errors)")
    let gated = try Command.run(
      ["fetch", try study(folder, checkpoint: "hf://acme/gated")], environment: spoilt.environment())
    #expect(gated.status == 2 && gated.errors.contains("Visit that page"), "\(gated.errors)")
    let local = try Command.run(["fetch", Command.root.path + "/studies/gemma-3-270m.yaml"])
    #expect(local.status == 0 && local.output.contains("nothing to fetch"))
  }
}
