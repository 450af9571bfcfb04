import ArgumentParser
import Foundation
import Kernels

extension Group {
  /// The Python pipeline and llama.cpp on the same texts, in turns with clearbox.
  func rivals(_ setting: Setting) throws -> GroupResults {
    let peers = try Peers(setting)
    let goals = Goals(setting.peaks)
    let conditions = ["bf16", "int8", "nf4"]
    var ours: [Double] = []
    var theirs: [[Double]] = []
    var float32: [Double] = []
    var alone: [Double] = []
    var llama: [Double] = []
    var versions: [String: String] = [:]
    let shape = StudyShape(
      conditions: conditions, experiments: ["accuracy", "sae", "stabilization", "noise_floor"], tokens: setting.tokens)
    for turn in 0..<max(1, setting.repeats - 1) {
      ours.append(try setting.measure(shape, name: "rivals-study").secondsPerToken)
      alone.append(try setting.measure(.init(tokens: setting.tokens), name: "rivals-bf16").secondsPerToken)
      llama.append(try peers.llama(chunks: 16, &versions))
      theirs.append(try conditions.map { try peers.pipeline($0, chunks: 4, &versions) })
      float32.append(try peers.pipeline("f32", chunks: 8, &versions))
      say(
        "   turn \(turn + 1): clearbox \(Measure.number(1 / ours[turn])), Python \(theirs[turn].map { Measure.number(1 / $0) }) and f32 \(Measure.number(1 / float32[turn])), llama.cpp \(Measure.number(1 / llama[turn])) tokens/s"
      )
    }
    let versionText = versions.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    var results = GroupResults()
    results.measures = [
      Measure(
        "three conditions with SAE, against the Python pipeline", zip(theirs, ours).map { $0.reduce(0, +) / $1 }, "×",
        .atLeast(goals.python),
        note:
          "seconds per token of Python's bf16, LLM.int8 and NF4 runs together ÷ clearbox's for all three at once; Python leaves out KL, agreement and noise floor. \(versionText)"
      ),
      Measure(
        "the same, were Python's three conditions as fast as its float32", zip(float32, ours).map { 3 * $0 / $1 }, "×",
        goals.pythonFloat32.map { .atLeast($0) } ?? .none,
        note:
          "on a CPU without bf16 instructions PyTorch's float32 is its faster way, though it is none of the study's conditions"
      ),
      Measure(
        "270M in bf16 with SAE, against llama.cpp's perplexity", zip(llama, alone).map { $0 / $1 }, "×",
        .atLeast(goals.llama),
        note:
          "bf16 GGUF of the same weights, 512-token contexts, its defaults; it scores half of the positions and has no autoencoder"
      ),
      Measure(
        "Python, bf16", theirs.map { 1 / $0[0] }, "tokens/s",
        note: "4 chunks of 512 in one batch, after a warm-up batch"),
      Measure("Python, LLM.int8", theirs.map { 1 / $0[1] }, "tokens/s", note: "likewise"),
      Measure("Python, NF4", theirs.map { 1 / $0[2] }, "tokens/s", note: "likewise"),
      Measure("Python, float32", float32.map { 1 / $0 }, "tokens/s", note: "8 chunks"),
      Measure("llama.cpp, bf16", llama.map { 1 / $0 }, "tokens/s", note: "16 contexts, losses included, loading not"),
    ]
    return results
  }

  /// Ids of the study's corpus on one thread.
  func tokenizer(_ setting: Setting) throws -> GroupResults {
    let ours = try setting.tokenizerSeconds(passes: setting.isSmoke ? 1 : 3)
    var results = GroupResults()
    results.measures.append(
      Measure(
        "tokenizer, one thread", ours.seconds.map { Double(ours.tokens) / $0 }, "tokens/s",
        note: "\(ours.documents) documents, one after the other"))
    guard setting.peers != nil else { return results }
    let peers = try Peers(setting)
    let theirs = try peers.tokenizer(passes: 3)
    guard theirs.sha256 == ours.sha256 else {
      throw ValidationError("tokenizers gives other ids (\(theirs.sha256)) than clearbox (\(ours.sha256)).")
    }
    let again = try setting.tokenizerSeconds(passes: setting.isSmoke ? 1 : 3)
    results.measures.insert(
      Measure(
        "tokenizer, against Hugging Face tokenizers", (ours.seconds + again.seconds).map { theirs.seconds / $0 }, "×",
        .atLeast(1),
        note:
          "one thread each, same ids; best of its ways and passes, its cache warm, against each of our passes, before and after it"
      ), at: 0)
    results.measures.append(
      Measure(
        "Hugging Face tokenizers", [Double(ours.tokens) / theirs.seconds], "tokens/s", note: "version \(theirs.version)"
      ))
    return results
  }
}

/// What Benchmarks/peers/install.sh made. Each program prints one line of JSON.
struct Peers {
  private let setting: Setting
  private let folder: URL
  private var python: URL { folder.appendingPathComponent("venv/bin/python") }
  private var model: URL { folder.appendingPathComponent("model") }

  init(_ setting: Setting) throws {
    guard let folder = setting.peers else { throw ValidationError("Rivals need --peers.") }
    self.setting = setting
    self.folder = folder
    if !FileManager.default.fileExists(atPath: model.appendingPathComponent("gemma-3-270m-bf16.gguf").path) {
      _ = try script("model.py", [setting.model.path, model.path])
    }
  }

  private func script(
    _ name: String, _ arguments: [String], _ environment: [String: String] = [:]
  ) throws -> String {
    try setting.run(
      python, [setting.home.appendingPathComponent("Benchmarks/peers/\(name)").path] + arguments, environment)
  }

  private func answer(
    _ name: String, _ arguments: [String], _ environment: [String: String] = [:]
  ) throws -> [String: Any] {
    let line = try script(name, arguments, environment).split(separator: "\n").last ?? ""
    guard let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] else {
      throw ValidationError("\(name) printed no JSON: \(line)")
    }
    return object
  }

  private var corpus: String { setting.home.appendingPathComponent("assets/corpus/study.jsonl").path }

  /// Seconds per token.
  func pipeline(_ condition: String, chunks: Int, _ versions: inout [String: String]) throws -> Double {
    let found = try answer("pipeline.py", [model.path, corpus, "--condition", condition, "--chunks", "\(chunks)"])
    for (name, version) in found["versions"] as? [String: String] ?? [:]
    where ["torch", "transformers", "bitsandbytes", "sae_lens"].contains(name) {
      versions[name] = version
    }
    return try 1 / number(found, "tokens_per_second")
  }

  /// Seconds per token.
  func llama(chunks: Int, _ versions: inout [String: String]) throws -> Double {
    let found = try answer(
      "llama.py",
      [folder.path, model.appendingPathComponent("gemma-3-270m-bf16.gguf").path, corpus, "--chunks", "\(chunks)"])
    versions["llama.cpp"] = (found["version"] as? String)?.replacingOccurrences(of: "llama.cpp ", with: "")
    return try 1 / number(found, "tokens_per_second")
  }

  /// OpenBLAS, as Debian has it and with the core type that fits the CPU, and Intel's MKL: products alone.
  func products(_ peaks: Peaks) throws -> [Measure] {
    let libraries: [(title: String, library: String, coreType: String?)] = [
      ("MKL", "mkl", nil), ("OpenBLAS", "libopenblas.so.0", nil), ("OpenBLAS", "libopenblas.so.0", openBLASCoreType),
    ]
    return try libraries.flatMap { title, library, coreType -> [Measure] in
      let found = try answer(
        "products.py",
        [
          library, "--threads", "\(setting.threads)", "--rows", setting.isSmoke ? "32" : "512", "--seconds",
          setting.isSmoke ? "0.001" : "0.3", "--repeats", "\(max(3, setting.repeats))",
        ], coreType.map { ["OPENBLAS_CORETYPE": $0] } ?? [:])
      let version = found["library"] as? String ?? "unknown"
      let products = found["products"] as? [[String: Any]] ?? []
      return ProductPrecision.allCases.compactMap { precision in
        let mine = products.filter { $0["precision"] as? String == precision.rawValue }
        let rates = mine.compactMap { $0["rates"] as? [Double] }
        let work = mine.map { Double(($0["columns"] as? Int ?? 0) * ($0["depth"] as? Int ?? 0)) }
        guard let repeats = rates.map(\.count).min(), repeats > 0 else { return nil }
        let together = (0..<repeats).map { index in
          work.reduce(0, +) / zip(work, rates).reduce(0) { $0 + $1.0 / $1.1[index] }
        }
        let share = Measure.number(Measure.median(together) / peaks[precision])
        return Measure(
          "\(precision.rawValue) by \(title)\(coreType.map { ", core type \($0)" } ?? "")", together,
          precision == .int8 ? "GOP/s" : "GFLOP/s",
          note:
            "\(share) of the peak; \(version); the same shapes, one thread while all do the same, weights not packed ahead"
        )
      }
    }
  }

  /// The newest of OpenBLAS's names for this CPU's instructions: it may not know the CPU itself.
  private var openBLASCoreType: String {
    let flags = CPU.current.flags
    return flags.contains("avx512_bf16") ? "Cooperlake" : flags.contains("avx512f") ? "SkylakeX" : "Haswell"
  }

  func tokenizer(passes: Int) throws -> (seconds: Double, sha256: String, version: String) {
    let found = try answer(
      "tokenizer.py", [model.appendingPathComponent("tokenizer.json").path, corpus, "--passes", "\(passes)"])
    let ways = ["encode", "encode_batch"].compactMap { found[$0] as? [String: Any] }
    return (
      try ways.map { try number($0, "seconds") }.min() ?? .nan, found["ids_sha256"] as? String ?? "",
      found["version"] as? String ?? ""
    )
  }

  private func number(_ object: [String: Any], _ key: String) throws -> Double {
    guard let value = object[key] as? Double, value > 0 else {
      throw ValidationError("A rival's answer has no \(key).")
    }
    return value
  }
}
