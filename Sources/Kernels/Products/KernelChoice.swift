/// Code that multiplies matrices.
public enum KernelEngine: String, Sendable, Codable, CaseIterable {
  /// Our own kernels, which sum in float32 and in integers. Any CPU.
  case portable
  /// oneDNN, with the CPU's own instructions for bf16 and int8.
  case onednn
}

/// What is multiplied.
public enum ProductPrecision: String, Sendable, CaseIterable, Codable { case bf16, f32, int8 }

/// Which code multiplies bf16, float32 and int8 matrices.
///
/// Results depend on it in their last bits (int8 products are exact), never on the way in which it was chosen.
public struct KernelChoice: Hashable, Sendable {
  public var bf16: KernelEngine
  public var f32: KernelEngine
  public var int8: KernelEngine

  public init(bf16: KernelEngine, f32: KernelEngine, int8: KernelEngine) {
    self.bf16 = bf16
    self.f32 = f32
    self.int8 = int8
  }

  /// One for all types.
  public init(_ engine: KernelEngine) { self.init(bf16: engine, f32: engine, int8: engine) }

  /// The engine of most types, then the one that another engine multiplies: "onednn", "portable+onednn-int8".
  public var name: String {
    let all = ProductPrecision.allCases
    let most: KernelEngine = all.count { self[$0] == .onednn } > 1 ? .onednn : .portable
    let others = all.filter { self[$0] != most }.map { "+\(self[$0].rawValue)-\($0.rawValue)" }
    return most.rawValue + others.joined()
  }

  /// Every choice that has a name, simple ones first.
  public static let all: [KernelChoice] = {
    let engines = KernelEngine.allCases
    let choices = engines.flatMap { bf16 in
      engines.flatMap { f32 in engines.map { KernelChoice(bf16: bf16, f32: f32, int8: $0) } }
    }
    return choices.sorted { ($0.name.count, $0.name) < ($1.name.count, $1.name) }
  }()

  /// - Throws: `KernelError.unknown`.
  public init(named name: String) throws(KernelError) {
    guard let choice = Self.all.first(where: { $0.name == name }) else { throw .unknown(name) }
    self = choice
  }

  /// What the environment variable `CLEARBOX_KERNELS` names; nil where it is not set, or empty.
  ///
  /// - Throws: `KernelError.unknown`.
  public static func named(in environment: [String: String]) throws(KernelError) -> KernelChoice? {
    guard let name = environment["CLEARBOX_KERNELS"], !name.isEmpty else { return nil }
    return try KernelChoice(named: name)
  }

  public subscript(precision: ProductPrecision) -> KernelEngine {
    get {
      switch precision {
      case .bf16: bf16
      case .f32: f32
      case .int8: int8
      }
    }
    set {
      switch precision {
      case .bf16: bf16 = newValue
      case .f32: f32 = newValue
      case .int8: int8 = newValue
      }
    }
  }

  func engine(_ type: ElementType) -> KernelEngine { self[ProductPrecision(type)] }
}

extension ProductPrecision {
  /// Of products with such an input.
  init(_ type: ElementType) {
    switch type {
    case .bf16: self = .bf16
    case .f32: self = .f32
    case .s8, .s32: self = .int8
    }
  }

  /// As products know it.
  var element: ElementType {
    switch self {
    case .bf16: .bf16
    case .f32: .f32
    case .int8: .s8
    }
  }
}

/// Why products cannot be computed as asked.
public enum KernelError: Error, CustomStringConvertible, Sendable, Equatable {
  case unknown(String)
  case impossible(KernelChoice, reason: String)

  public var description: String {
    switch self {
    case .unknown(let name):
      "kernels: '\(name)' is unknown. Known are \(KernelChoice.all.map(\.name).joined(separator: ", "))."
    case .impossible(let choice, let reason):
      "kernels: '\(choice.name)' cannot be used here: \(reason)."
    }
  }
}
