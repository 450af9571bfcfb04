import CKernels
#if ONEDNN
  import COneDNN
#endif

/// What this machine and this build can compute with.
extension KernelChoice {
  /// - Throws: `KernelError.impossible`, with the reason.
  public func check() throws(KernelError) {
    for precision in ProductPrecision.allCases where self[precision] == .onednn {
      if let reason = Self.obstacleToOneDNN(precision) { throw .impossible(self, reason: reason) }
    }
  }

  /// The engines that can multiply here.
  public static func engines(for precision: ProductPrecision) -> [KernelEngine] {
    obstacleToOneDNN(precision) == nil ? KernelEngine.allCases : [.portable]
  }

  /// With our own kernels for all that oneDNN cannot do here.
  var possible: KernelChoice {
    ProductPrecision.allCases.reduce(into: self) { choice, precision in
      if !Self.engines(for: precision).contains(choice[precision]) { choice[precision] = .portable }
    }
  }

  private static func obstacleToOneDNN(_ precision: ProductPrecision) -> String? {
    #if ONEDNN && arch(x86_64)
      let instructions = dnnl_get_effective_cpu_isa().rawValue
      func has(_ set: dnnl_cpu_isa_t) -> Bool { instructions & set.rawValue == set.rawValue }
      switch precision {
      case .bf16 where !has(dnnl_cpu_isa_avx512_core_bf16):
        return "this CPU has no bf16 instructions, which oneDNN would emulate at a fraction of float32's speed"
      case .int8 where !has(dnnl_cpu_isa_avx512_core_vnni) && !has(dnnl_cpu_isa_avx2_vnni):
        return "this CPU has no VNNI instructions, without which oneDNN's int8 sums are not exact"
      default: break
      }
      return (try? OneDNN.instance()) == nil ? "oneDNN does not start" : nil
    #elseif ONEDNN
      return "clearbox uses oneDNN on x86-64 alone"
    #else
      return "this clearbox was built without oneDNN"
    #endif
  }

  /// For provenance, the name first: "portable+onednn-int8: bf16 and float32 by own kernels, int8 by oneDNN
  /// brg:avx512_core_vnni; vector kernels x86-64-v4".
  public var summary: String {
    let vector = String(cString: clearbox_instruction_set())
    var words: [(code: String, types: [String])] = []
    for precision in ProductPrecision.allCases {
      let name = precision == .f32 ? "float32" : precision.rawValue
      let code = self[precision] == .portable ? "own kernels" : "oneDNN " + Self.implementation(precision.element)
      if words.last?.code == code { words[words.count - 1].types.append(name) } else { words.append((code, [name])) }
    }
    let all = words.map { ($0.types.count == 3 ? "all" : $0.types.joined(separator: " and ")) + " by " + $0.code }
      .joined(separator: ", ")
    return "\(name): \(all); vector kernels \(vector)"
  }

  /// The library's name of its kernel, e.g. "brg:avx512_core_bf16".
  private static func implementation(_ type: ElementType) -> String {
    #if ONEDNN
      let key = ProductKey(
        m: 64, n: 64, k: 64, input: type, output: type == .s8 ? .s32 : type, inputStride: 64, outputStride: 64,
        weights: .packed)
      return (try? OneDNN.instance().product(key).implementation) ?? "unknown"
    #else
      return "unknown"
    #endif
  }

  /// Versions of the linked libraries.
  public static var libraries: [String] {
    #if ONEDNN
      return [OneDNN.version]
    #else
      return []
    #endif
  }
}
