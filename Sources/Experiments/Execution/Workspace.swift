import Kernels
import Synchronization

/// What one task works with: scratch memory, buffers that grow to the largest need and are reused by the next; a
/// multiplier; and a clock that says where the time goes.
///
/// Unchecked: a workspace belongs to one task at a time; `WorkspacePool` hands it from one to the next.
public final class Workspace: @unchecked Sendable {
  enum Slot: Int, CaseIterable {
    case normed, projections, context, branch, hidden, keys, values, scores, probabilities, attended
    case int8Maxima, int8Hot, int8Codes, int8Product, int8Left, int8Right, int8Outliers, int8Addend
    case joinedOutputs, orderedOutputs, roundedInputs
    case wideInput, wideProduct, logits, exponentials, wideBaseline, wideLogits
    case residual, branches, encoderTile, encoderPanels, preActivation, active, activation, unscaledActivation,
      reconstruction
  }

  let multiplier: Multiplier
  /// In the run, of the rows that the task computes.
  var firstToken = 0
  fileprivate var clock = StageClock()
  private var buffers: [AlignedBuffer<UInt8>]

  init(_ kernels: KernelChoice) {
    multiplier = Multiplier(kernels)
    buffers = Slot.allCases.map { _ in AlignedBuffer(count: 0) }
  }

  /// Room for `count` elements; what it holds is whatever the slot's last user left.
  func scratch<T: BitwiseCopyable>(_ slot: Slot, _ type: T.Type = T.self, count: Int) -> UnsafeMutablePointer<T> {
    let bytes = count * MemoryLayout<T>.stride
    if buffers[slot.rawValue].count < bytes { buffers[slot.rawValue] = AlignedBuffer(count: bytes) }
    return UnsafeMutableRawPointer(buffers[slot.rawValue].pointer).assumingMemoryBound(to: T.self)
  }
}

extension Workspace {
  /// Runs `body` and counts its time for a stage, less what stages and parts inside it take.
  ///
  /// - Parameter condition: index into the study's; nil stays with the task's.
  func timed<R>(_ stage: Stage, condition: Int? = nil, _ body: () throws -> R) rethrows -> R {
    try at(StagePlace(condition: condition ?? clock.place.condition, stage: stage), body)
  }

  /// Runs `body` and counts its time for a part of the present stage.
  func timed<R>(part: StagePart, _ body: () throws -> R) rethrows -> R {
    try at(StagePlace(condition: clock.place.condition, stage: clock.place.stage, part: part), body)
  }

  /// Runs a matrix product [rows, k] · [k, n] in the precision of `type`, and counts it and its time.
  func product<In: ProductElement, R>(
    of type: In.Type, rows: Int, n: Int, k: Int, part: StagePart = .product, _ body: () throws -> R
  ) rethrows -> R {
    try timed(part: part) {
      clock.count(ProductShape(.init(of: type), rows: rows, columns: n, depth: k))
      return try body()
    }
  }

  fileprivate func at<R>(_ place: StagePlace, _ body: () throws -> R) rethrows -> R {
    let outer = clock.place
    clock.go(to: place)
    defer { clock.go(to: outer) }
    return try body()
  }
}

/// Workspaces that wait for a task; as many exist as tasks ever ran at once.
public final class WorkspacePool: Sendable {
  let kernels: KernelChoice
  private let idle = Mutex<[Workspace]>([])

  /// - Parameter kernels: what its tasks multiply with, and pack weights for.
  init(_ kernels: KernelChoice) { self.kernels = kernels }

  /// - Parameters:
  ///   - stage: what the task's time is counted for; nil where the task says so itself.
  ///   - condition: the one that the task computes; nil for a task of all.
  func with<R>(_ stage: Stage? = nil, condition: Int? = nil, _ body: (Workspace) throws -> R) throws -> R {
    let workspace = idle.withLock { $0.popLast() } ?? Workspace(kernels)
    defer { idle.withLock { $0.append(workspace) } }
    return try workspace.at(StagePlace(condition: condition, stage: stage)) { try body(workspace) }
  }

  /// What all of them counted; call while no task runs.
  var times: StageTimes {
    idle.withLock { $0.reduce(into: StageTimes()) { $0.add($1.clock.times) } }
  }

  /// Starts counting anew; call while no task runs.
  func resetTimes() { idle.withLock { for workspace in $0 { workspace.clock.reset() } } }
}
