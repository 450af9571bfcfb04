import CKernels
import COneDNN
import COpenBLAS
import Foundation
import Synchronization

/// Which library multiplies matrices.
public enum Backend: String, Sendable {
  /// oneDNN with bf16 and int8 instructions: several times faster where the CPU has them.
  case oneDNN
  /// OpenBLAS in float32, rounding where bf16 would: any CPU.
  case portable

  /// oneDNN where it has real bf16 kernels for this CPU, else OpenBLAS. `CLEARBOX_KERNELS=portable` forces the latter.
  public static let current: Backend = {
    if ProcessInfo.processInfo.environment["CLEARBOX_KERNELS"] == "portable" { return .portable }
    guard let oneDNN = try? OneDNN() else { return .portable }
    let key = ProductKey(
      m: 64, n: 64, k: 64, input: .bf16, output: .bf16, inputStride: 64, outputStride: 64, weights: .packed)
    guard let probe = try? oneDNN.product(key), !probe.implementation.hasPrefix("ref") else { return .portable }
    return .oneDNN
  }()

  /// For provenance: engines and instruction sets, e.g. "oneDNN brg:avx512_core_bf16; vector kernels x86-64-v4".
  public static var summary: String {
    let vector = "vector kernels " + String(cString: clearbox_instruction_set())
    switch current {
    case .portable: return "OpenBLAS \(String(cString: openblas_get_corename())); \(vector)"
    case .oneDNN:
      let key = ProductKey(
        m: 64, n: 64, k: 64, input: .bf16, output: .bf16, inputStride: 64, outputStride: 64, weights: .packed)
      let name = (try? OneDNN.instance().product(key).implementation) ?? "unknown"
      return "oneDNN \(name); \(vector)"
    }
  }

  /// Versions of the linked libraries.
  public static var libraries: [String] {
    let configuration = String(cString: openblas_get_config()).split(separator: " ")
    let version = configuration.dropFirst().first.map(String.init) ?? "unknown"
    return [OneDNN.version, "OpenBLAS \(version)"]
  }
}

extension OneDNN {
  private static let made = Mutex<OneDNN?>(nil)

  /// The process's one engine.
  static func instance() throws -> OneDNN {
    if let made = made.withLock({ $0 }) { return made }
    let fresh = try OneDNN()
    return made.withLock { slot in
      if let other = slot { return other }
      slot = fresh
      return fresh
    }
  }
}
