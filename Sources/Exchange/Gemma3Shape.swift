import RunFile

/// Shapes of Google's Gemma 3 text models, from their published configurations: what a model's name tells.
struct Gemma3Shape: Sendable, Equatable {
  var dModel: Int
  var layerCount: Int
  var feedForward: Int
  var heads: Int
  var keyValueHeads: Int
  var headWidth = 256
  var vocabularySize = 262_208

  private static let sizes: [(name: String, shape: Gemma3Shape)] = [
    (
      "270m",
      .init(dModel: 640, layerCount: 18, feedForward: 2048, heads: 4, keyValueHeads: 1, vocabularySize: 262_144)
    ),
    (
      "1b",
      .init(dModel: 1152, layerCount: 26, feedForward: 6912, heads: 4, keyValueHeads: 1, vocabularySize: 262_144)
    ),
    ("4b", .init(dModel: 2560, layerCount: 34, feedForward: 10_240, heads: 8, keyValueHeads: 4)),
    ("12b", .init(dModel: 3840, layerCount: 48, feedForward: 15_360, heads: 16, keyValueHeads: 8)),
    ("27b", .init(dModel: 5376, layerCount: 62, feedForward: 21_504, heads: 32, keyValueHeads: 16, headWidth: 128)),
  ]

  /// The shape of `google/gemma-3-4b-pt`, `gemma-3-270m` and the like; nil for another name.
  static func named(_ model: String) -> Gemma3Shape? {
    let name = (model.split(separator: "/").last ?? "").lowercased()
    return sizes.first { name == "gemma-3-\($0.name)" || name.hasPrefix("gemma-3-\($0.name)-") }?.shape
  }

  /// Linear layers of one decoder layer, [rows (outputs), columns (inputs)].
  private var linears: [(rows: Int, columns: Int)] {
    let (query, keyValue) = (heads * headWidth, keyValueHeads * headWidth)
    return [
      (query, dModel), (keyValue, dModel), (keyValue, dModel), (dModel, query), (feedForward, dModel),
      (feedForward, dModel), (dModel, feedForward),
    ]
  }

  /// Parameters of all linear layers: what LLM.int8 and NF4 compress.
  var compressibleParameterCount: Int { layerCount * linears.reduce(0) { $0 + $1.rows * $1.columns } }

  /// Those, the embeddings (tied with the head), and the norms: four of the width and two of a head per layer.
  var parameterCount: Int {
    compressibleParameterCount + vocabularySize * dModel + layerCount * (4 * dModel + 2 * headWidth) + dModel
  }

  /// Bits per parameter in a condition as bitsandbytes stores it, scales counted: over the whole model, and over the
  /// compressed layers alone. Nil for a kind that is not known.
  func bits(kind: String, block: Int, doubleQuantization: Bool) -> (effective: Double, compressed: Double)? {
    let perLayer: Double
    switch kind {
    case "bf16": return (16, 16)
    case "f32": return (32, 32)
    case "int8":
      // One float32 scale per row.
      perLayer = linears.reduce(0) { $0 + 8 * Double($1.rows * $1.columns) + 32 * Double($1.rows) }
    case "nf4":
      perLayer = linears.reduce(0) { sum, layer in
        // Blocks of weights: a float32 scale each, or 8 bits, with a float32 per 256 of them and one for all.
        let blocks = (layer.rows * layer.columns + block - 1) / block
        let scales = doubleQuantization ? 8 * blocks + 32 * ((blocks + 255) / 256) + 32 : 32 * blocks
        return sum + 4 * Double(layer.rows * layer.columns) + Double(scales)
      }
    default: return nil
    }
    let bits = Double(layerCount) * perLayer
    let rest = 16 * Double(parameterCount - compressibleParameterCount)
    return ((bits + rest) / Double(parameterCount), bits / Double(compressibleParameterCount))
  }
}

/// Bits per parameter that the kind's name alone tells, over compressed layers without scales; 0 when it tells none.
func nominalBits(kind: String) -> Double {
  switch kind {
  case "bf16": 16
  case "f32": 32
  case "int8": 8
  case "nf4": 4
  default: 0
  }
}
