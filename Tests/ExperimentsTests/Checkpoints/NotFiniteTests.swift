import Foundation
import Testing

@testable import Experiments

/// Numbers with which nothing can be computed are found before anything is.
@Suite struct NotFiniteTests {
  /// A tensor of its own file, zeros but for some bytes.
  private func tensor(
    _ element: TensorElement, _ shape: [Int], _ bytes: [(place: Int, bits: [UInt8])], in scratch: ScratchFolder
  ) throws -> StoredTensor {
    let size = shape.reduce(1, *) / element.blockLength * element.blockBytes
    var content = [UInt8](repeating: 0, count: size + 1)
    // An odd address: mapped tensors lie anywhere.
    for (place, bits) in bytes { content.replaceSubrange(place + 1..<place + 1 + bits.count, with: bits) }
    let file = try MappedFile(path: scratch.write(content, as: "\(UUID().uuidString).bin"))
    return StoredTensor(name: "w", shape: shape, element: element, file: file, bytes: 1..<size + 1)
  }

  @Test(
    arguments: [
      (TensorElement.bf16, [0x80, 0x7f], "inf"), (.bf16, [0x80, 0xff], "-inf"), (.bf16, [0x81, 0x7f], "nan"),
      (.f16, [0x00, 0x7c], "inf"), (.f16, [0x01, 0xfc], "nan"), (.f32, [0, 0, 0x80, 0x7f], "inf"),
      (.f32, [1, 0, 0xc0, 0xff], "nan"),
    ] as [(TensorElement, [UInt8], String)])
  func `NaN and infinities are found wherever they stand`(element: TensorElement, bits: [UInt8], value: String) throws {
    let scratch = try ScratchFolder()
    #expect(try tensor(element, [300, 40], [], in: scratch).firstNotFinite(asBF16: true) == nil)
    for place in [0, 4095, 4096, 11_999] {
      let tensor = try tensor(element, [300, 40], [(place * element.blockBytes, bits)], in: scratch)
      #expect(tensor.firstNotFinite(asBF16: false) == place)
      #expect(tensor.index(of: place) == [place / 40, place % 40])
      #expect("\(tensor.number(at: place))".contains(value))
    }
  }

  @Test func `what float32 holds and bf16 does not is infinite there`() throws {
    let scratch = try ScratchFolder()
    // Halfway between bf16's largest number and the next: the first that rounds to infinity.
    let tensor = try tensor(.f32, [8], [(20, [0, 0x80, 0x7f, 0x7f]), (16, [0xff, 0x7f, 0x7f, 0x7f])], in: scratch)
    #expect(tensor.firstNotFinite(asBF16: true) == 5)
    #expect(tensor.firstNotFinite(asBF16: false) == nil)
  }

  @Test(arguments: TensorElement.allCases.filter { $0.blockLength > 1 })
  func `a block's scale makes its numbers infinite`(element: TensorElement) throws {
    let scratch = try ScratchFolder()
    let (columns, infinity) = (element.blockLength * 3, [0x00, 0x7c] as [UInt8])
    for scale in [
      .q6_K: [208], .q2_K: [80, 82], .q3_K: [108], .q4_1: [0, 2], .q5_1: [0, 2], .q4_K: [0, 2], .q5_K: [0, 2],
    ][element] ?? [0] {
      let block = 3 * 7 + 2
      let tensor = try tensor(element, [20, columns], [(block * element.blockBytes + scale, infinity)], in: scratch)
      let place = try #require(tensor.firstNotFinite(asBF16: true))
      #expect(place / element.blockLength == block)
      #expect(!tensor.number(at: place).isFinite)
      #expect(tensor.index(of: place)[0] == 7)
    }
  }

  @Test func `the tensor and the place in it are named`() throws {
    let scratch = try ScratchFolder()
    let folder = try scratch.copy("checkpoint/tiny", as: "tiny")
    try Gemma3Checkpoint(path: folder).checkNumbers()
    try Gemma3Checkpoint(path: Goldens.path("checkpoint/tiny.gguf")).checkNumbers()
    var writing = try SafetensorsWriting(copying: folder)
    let index = try #require(writing.tensors.firstIndex { $0.name.hasSuffix("layers.1.self_attn.q_proj.weight") })
    #expect(writing.tensors[index].type == "BF16")
    let place = 5 * writing.tensors[index].shape[1] + 9
    writing.tensors[index].bytes.replaceSubrange(2 * place..<2 * place + 2, with: [0xc0, 0x7f])
    try scratch.write(writing.file, as: "tiny/model.safetensors")
    let text = message { try Gemma3Checkpoint(path: folder).checkNumbers() }
    #expect(text?.contains("model.layers.1.self_attn.q_proj.weight[5, 9] is NaN") == true, "\(text ?? "")")
    #expect(text?.contains("tiny/model.safetensors") == true)
  }
}
