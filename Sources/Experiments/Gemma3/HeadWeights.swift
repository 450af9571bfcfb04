import Kernels
import Synchronization

/// The embedding matrix as the head uses it: tiles of rows, packed when they are reached.
final class HeadWeights: Sendable {
  private let checkpoint: Gemma3Checkpoint
  private let keeps: Bool
  private let bf16: Bool
  private let f32: Bool
  private let kernels: KernelChoice
  private let kept: Mutex<[HeadTile?]>
  let tileCount: Int

  /// - Parameters:
  ///   - keeps: hold packed tiles from block to block.
  ///   - bf16, f32: precisions that some condition needs.
  init(_ checkpoint: Gemma3Checkpoint, keeps: Bool, bf16: Bool, f32: Bool, _ kernels: KernelChoice) {
    self.checkpoint = checkpoint
    // float32 tiles take twice the embedding's size again; they are for checks, and made anew each time.
    self.keeps = keeps && !f32
    self.bf16 = bf16
    self.f32 = f32
    self.kernels = kernels
    let width = LanguageModelHead.tileWidth
    tileCount = (checkpoint.configuration.vocabularySize + width - 1) / width
    kept = Mutex(Array(repeating: nil, count: tileCount))
  }

  func tile(_ index: Int) throws -> HeadTile {
    if let tile = kept.withLock({ $0[index] }) { return tile }
    let width = LanguageModelHead.tileWidth
    let first = index * width
    let ids = first..<min(first + width, checkpoint.configuration.vocabularySize)
    let d = checkpoint.configuration.dModel
    let rows = AlignedBuffer<UInt16>(count: ids.count * d)
    try checkpoint.readRows(
      ids, of: .embedding, into: UnsafeMutableBufferPointer(start: rows.pointer, count: rows.count))
    let tile = HeadTile(
      firstID: first, width: ids.count,
      bf16: bf16 ? try BF16.pack(rows.pointer, rows: ids.count, columns: d, kernels) : nil,
      f32: f32 ? try F32.pack(rows.pointer, rows: ids.count, columns: d, kernels) : nil)
    if keeps { kept.withLock { $0[index] = tile } }
    return tile
  }
}
