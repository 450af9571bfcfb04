import CKernels
import COpenBLAS
import Foundation
import Synchronization
#if ONEDNN
  import COneDNN
#endif

/// Which code multiplies matrices.
public enum Backend: String, Sendable {
  #if ONEDNN
    /// oneDNN with bf16 and int8 instructions: several times faster where the CPU has them.
    case oneDNN
  #endif
  /// Our own kernels in float32 and in integers, rounding where bf16 would, and OpenBLAS for matrices that are not
  /// packed: any CPU.
  case portable

  /// oneDNN where the CPU has bf16 instructions, else portable. `CLEARBOX_KERNELS=portable` forces the latter.
  public static let current: Backend = {
    #if ONEDNN
      if ProcessInfo.processInfo.environment["CLEARBOX_KERNELS"] == "portable" { return .portable }
      // Without the instructions oneDNN would emulate them, at a fraction of float32's speed.
      let instructions = dnnl_get_effective_cpu_isa().rawValue
      let bf16 = dnnl_cpu_isa_avx512_core_bf16.rawValue
      guard instructions & bf16 == bf16, (try? OneDNN.instance()) != nil else { return .portable }
      return .oneDNN
    #else
      return .portable
    #endif
  }()

  /// True where bf16 is multiplied as bf16, in the CPU's own order of summation.
  public var hasBF16Instructions: Bool { self != .portable }

  /// For provenance: engines and instruction sets, e.g. "oneDNN brg:avx512_core_bf16; vector kernels x86-64-v4".
  public static var summary: String {
    let vector = String(cString: clearbox_instruction_set())
    switch current {
    case .portable:
      return "own kernels in float32 and int8, \(vector); OpenBLAS \(String(cString: openblas_get_corename()))"
    #if ONEDNN
      case .oneDNN:
        let key = ProductKey(
          m: 64, n: 64, k: 64, input: .bf16, output: .bf16, inputStride: 64, outputStride: 64, weights: .packed)
        let name = (try? OneDNN.instance().product(key).implementation) ?? "unknown"
        return "oneDNN \(name); vector kernels \(vector)"
    #endif
    }
  }

  /// Versions of the linked libraries.
  public static var libraries: [String] {
    let configuration = String(cString: openblas_get_config()).split(separator: " ")
    let openBLAS = "OpenBLAS " + (configuration.dropFirst().first.map(String.init) ?? "unknown")
    #if ONEDNN
      return [OneDNN.version, openBLAS]
    #else
      return [openBLAS]
    #endif
  }
}

#if ONEDNN
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
#endif
