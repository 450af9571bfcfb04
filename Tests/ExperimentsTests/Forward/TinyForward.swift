import Foundation
import Kernels

@testable import Experiments

/// One chunk through a checkpoint, in one precision: what the sweep does, with the logits kept.
struct TinyForward {
  /// After the asked-for layer, [tokens, D].
  var residual: [Float] = []
  /// [tokens, V]
  var logits: [Float] = []
  /// [tokens − 1], in Double from the logits.
  var losses: [Double] = []

  init(_ checkpoint: Gemma3Checkpoint, ids: [Int32], layer: Int, _ precision: ComputePrecision) throws {
    let c = checkpoint.configuration
    let model = conditionModel(0, Uncompressed(precision: precision), c, chunkLength: ids.count)
    let workspace = try Workspace(.usual())
    let rows = 0..<ids.count
    var embedded = [UInt16](repeating: 0, count: ids.count * c.dModel)
    try checkpoint.gatherEmbeddings(ids, into: &embedded)
    model.embed(embedded)
    residual = [Float](repeating: 0, count: ids.count * c.dModel)
    for index in 0..<c.layerCount {
      try model.prepare(layer: index, LayerTensors(checkpoint, layer: index), threads: 1, WorkspacePool(.usual()))
      try model.run(layer: index, rows: rows, chunkLength: ids.count, workspace)
      if index == layer {
        residual.withUnsafeMutableBufferPointer { out in
          if let base = out.baseAddress { model.residual(rows, into: base) }
        }
      }
    }
    model.finish(rows, gain: LayerTensors.gain(try checkpoint.tensor(.finalNorm).bf16))
    let head = try HeadWeights(
      checkpoint, keeps: false, bf16: precision == .bf16, f32: precision == .f32, .usual())
    let v = c.vocabularySize
    logits = [Float](repeating: 0, count: ids.count * v)
    for index in 0..<head.tileCount {
      let tile = try head.tile(index)
      let memory = workspace.scratch(.logits, Float.self, count: rows.count * tile.width)
      let part = try model.logits(rows, tile: tile, into: memory, workspace)
      for row in rows {
        for column in 0..<tile.width {
          logits[row * v + tile.firstID + column] =
            switch part {
            case .bf16(let x): BF16.float(x[row * tile.width + column])
            case .f32(let x): x[row * tile.width + column]
            }
        }
      }
    }
    losses = rows.dropLast().map { row in
      let x = logits[row * v..<(row + 1) * v]
      let maximum = Double(x.max() ?? 0)
      let sum = x.reduce(0.0) { $0 + exp(Double($1) - maximum) }
      return maximum + log(sum) - Double(x[x.startIndex + Int(ids[row + 1])])
    }
  }
}
