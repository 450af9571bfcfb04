import Kernels
import Synchronization

/// Scratch memory of one task: buffers that grow to the largest need and are reused by the next.
public final class Workspace: @unchecked Sendable {
  enum Slot: Int, CaseIterable {
    case normed, projections, context, branch, hidden, keys, values, scores, probabilities, attended
    case int8Maxima, int8Hot, int8Codes, int8Product, int8Left, int8Right, int8Outliers, int8Addend
    case wideInput, logits, exponentials, wideBaseline, wideLogits
    case residual, encoderTile, preActivation, active, activation, unscaledActivation, reconstruction
  }

  let multiplier: Multiplier
  private var buffers: [AlignedBuffer<UInt8>]

  init() throws {
    multiplier = try Multiplier()
    buffers = Slot.allCases.map { _ in AlignedBuffer(count: 0) }
  }

  /// Room for `count` elements; what it holds is whatever the slot's last user left.
  func scratch<T: BitwiseCopyable>(_ slot: Slot, _ type: T.Type = T.self, count: Int) -> UnsafeMutablePointer<T> {
    let bytes = count * MemoryLayout<T>.stride
    if buffers[slot.rawValue].count < bytes { buffers[slot.rawValue] = AlignedBuffer(count: bytes) }
    return UnsafeMutableRawPointer(buffers[slot.rawValue].pointer).assumingMemoryBound(to: T.self)
  }
}

/// Workspaces that wait for a task; as many exist as tasks ever ran at once.
public final class WorkspacePool: Sendable {
  private let idle = Mutex<[Workspace]>([])

  func with<R>(_ body: (Workspace) throws -> R) throws -> R {
    let workspace = try idle.withLock { $0.popLast() } ?? Workspace()
    defer { idle.withLock { $0.append(workspace) } }
    return try body(workspace)
  }
}
