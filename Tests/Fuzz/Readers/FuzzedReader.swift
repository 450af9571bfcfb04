/// A reader of files that may come from strangers, with a way to hand it any bytes.
///
/// The fuzzer (`make fuzz`) looks for bytes at which a reader ends the program, hangs or takes memory without bound; a
/// test replays what was found. An error is a right answer, and its message is made.
public enum FuzzedReader: String, CaseIterable, Sendable {
  case runFile = "run-file"
  case gguf
  case safetensors
  case tokenizer
  case sae
  case parquet
  case jsonLines = "json-lines"
  case study
  case exchange
  case templates
  case authorText = "author-text"

  public func read(_ bytes: UnsafeBufferPointer<UInt8>, in scratch: Scratch) {
    let steps: [(UnsafeBufferPointer<UInt8>, Scratch) throws -> Void] =
      switch self {
      case .runFile: [Self.runFile, Self.foreignRun]
      case .gguf: [Self.gguf]
      case .safetensors: [Self.safetensors, Self.checkpointFolder]
      case .tokenizer: [Self.tokenizer]
      case .sae: [Self.sae]
      case .parquet: [Self.parquet]
      case .jsonLines: [Self.jsonLines]
      case .study: [Self.study]
      case .exchange: [Self.imported, Self.description]
      case .templates: [Self.templates]
      case .authorText: [Self.authorText]
      }
    for step in steps {
      do { try step(bytes, scratch) } catch { _ = "\(error)" }
    }
  }
}
