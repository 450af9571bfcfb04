import Kernels
import RunFile

/// How many codes of a shipped GGUF file are those that the same format gives other weights: of a file that training for
/// quantization left, against our rounding of the unquantized one.
struct EqualCodes {
  private(set) var codes = 0
  private(set) var equal = 0
  private(set) var scales = 0
  private(set) var equalScales = 0

  /// Formats whose blocks are one fp16 scale and a code per weight, of four bits or eight.
  static let formats: [TensorElement] = [.q4_0, .q8_0]

  /// - Parameters:
  ///   - file: as shipped; tensors that it stores in another format are left out.
  ///   - source: what the format is given.
  init(in file: Gemma3Checkpoint, of format: TensorElement, of source: Gemma3Checkpoint, threads: Int) throws {
    let linear = Gemma3Tensor.all(layerCount: file.configuration.layerCount).filter(\.isLinear)
    let counts = try mapTasks(linear.count, threads: threads) { index in
      guard case .plain(let stored) = try file.storedTensor(linear[index]), stored.element == format,
        let number = GGUFMethod.number(of: format)
      else { return EqualCodes() }
      return try EqualCodes(stored, number, linear[index], source)
    }
    for count in counts {
      codes += count.codes
      equal += count.equal
      scales += count.scales
      equalScales += count.equalScales
    }
  }

  private init() {}

  private init(_ stored: StoredTensor, _ number: Int32, _ tensor: Gemma3Tensor, _ source: Gemma3Checkpoint) throws {
    let columns = stored.columns
    let row = AlignedBuffer<UInt16>(count: columns)
    let numbers = AlignedBuffer<Float>(count: columns)
    let blocks = AlignedBuffer<UInt8>(count: stored.rowBytes)
    for index in 0..<stored.rows {
      try source.readRows(
        index..<index + 1, of: tensor, into: UnsafeMutableBufferPointer(start: row.pointer, count: columns))
      BF16.floats(row.pointer, count: columns, into: numbers.pointer)
      GGMLBlocks.encode(type: number, numbers.pointer, count: columns, into: blocks.pointer)
      let first = stored.bytes.lowerBound + index * stored.rowBytes
      stored.file.withBytes(in: first..<first + stored.rowBytes) { add($0, blocks, stored.element) }
    }
  }

  /// A row's blocks, each two bytes of scale and then codes.
  private mutating func add(_ file: UnsafeRawBufferPointer, _ made: AlignedBuffer<UInt8>, _ format: TensorElement) {
    let size = format.blockBytes
    for start in stride(from: 0, to: file.count, by: size) {
      scales += 1
      equalScales += file[start] == made[start] && file[start + 1] == made[start + 1] ? 1 : 0
      codes += format.blockLength
      for place in start + 2..<start + size {
        let difference = file[place] ^ made[place]
        if format == .q8_0 {
          equal += difference == 0 ? 1 : 0
        } else {
          equal += (difference & 15 == 0 ? 1 : 0) + (difference >> 4 == 0 ? 1 : 0)
        }
      }
    }
  }
}

extension ModelRun {
  /// Of each shipped GGUF file, against each condition that the run makes in one of its formats.
  func describeEqualCodes(_ inputs: Inputs, in description: inout RunDescription) throws {
    for (index, shipped) in plan.conditions.enumerated() where shipped.isShipped {
      let file = inputs.checkpoint(of: shipped)
      guard file.format == .gguf else { continue }
      var found: [RunDescription.Checkpoint.EqualCodes] = []
      for made in plan.conditions {
        let source = inputs.checkpoint(of: made)
        guard let method = made.weights as? GGUFMethod, EqualCodes.formats.contains(method.type),
          source.path != file.path
        else { continue }
        let count = try EqualCodes(in: file, of: method.type, of: source, threads: threads)
        guard count.codes > 0 else { continue }
        found.append(
          .init(
            condition: made.name, codes: count.codes, equal: count.equal, scales: count.scales,
            equalScales: count.equalScales))
      }
      if !found.isEmpty { description.conditions[index].checkpoint?.equalCodes = found }
    }
  }
}
