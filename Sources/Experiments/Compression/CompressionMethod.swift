import Kernels
import RunFile

/// A way to keep a model's linear layers, with its options: what a study calls it, what a run file says of it, what it
/// takes, and how it computes.
///
/// To add one, write its file and give it a line in `CompressionMethods.all`.
protocol CompressionMethod: Sendable {
  /// Name in a study, and of the method in run files: "nf4".
  var kind: String { get }
  /// Names the condition in a study and its data in the run file: "nf4-dq". Options that differ from their defaults add
  /// to it.
  var name: String { get }
  /// For people: "NF4, double quantization".
  var label: String { get }
  /// All options, sorted by key.
  var parameters: [RunDescription.Parameter] { get }
  /// Where the method was published, for a report's sources.
  var citation: RunDescription.Citation? { get }
  /// True where nothing is compressed: what a baseline is.
  var isPlain: Bool { get }
  /// True when results depend on which chunks are computed together.
  var couplesBatch: Bool { get }
  /// What the method must have seen of the model before it can make layers; nil for one that needs the weights alone.
  var calibration: Calibration? { get }
  /// Makes linear layers, and decides in which arithmetic the activations between them are.
  var linears: LinearMaker { get }

  /// For a method that keeps activations in 8 bits: those at or above it stay in 16. Nil where activations are left alone.
  var activationThreshold: Float? { get }

  /// True where a study must say more than the name.
  var needsOptions: Bool { get }
  /// This method with the options of a study, its own where the study says nothing.
  func with(_ options: StudyNode) throws -> Self
  /// Bits that a [rows, columns] linear layer takes, scales counted.
  func bits(rows: Int, columns: Int) -> Double
  /// What becomes of layers of these shapes, [rows, columns] each, where not all have the form that the label names:
  /// "Q4_K ×36, Q5_0 ×90".
  func mix(_ shapes: [[Int]]) -> String?
  /// Bytes that so many packed weights hold in memory.
  func residentBytes(parameters: Int) -> Int
}

extension CompressionMethod {
  var citation: RunDescription.Citation? { nil }
  var isPlain: Bool { false }
  var needsOptions: Bool { false }
  var couplesBatch: Bool { false }
  var calibration: Calibration? { nil }
  var activationThreshold: Float? { nil }
  func mix(_ shapes: [[Int]]) -> String? { nil }

  /// For a method without options.
  func with(_ options: StudyNode) throws -> Self {
    throw options.impossible("\(kind) has no options; write \(kind) alone")
  }

  /// Bits of a parameter that is not compressed.
  var plainBits: Double { linears.isBF16 ? 16 : 32 }
}

/// Makes one linear layer of matrices that share their input.
enum LinearMaker: Sendable {
  /// - Parameters:
  ///   - parts: the weights as the model has them.
  ///   - order: of the layer's outputs and inputs, to be applied to what the method has made of the weights.
  ///   - kernels: to pack it for.
  ///   - threads: on which it may compute.
  typealias Make<Element: ProductElement> =
    @Sendable (
      _ parts: [BF16Weights], _ order: LinearOrder, _ kernels: KernelChoice, _ threads: Int
    ) throws -> any Linear<Element>

  /// Activations between steps are bf16.
  case bf16(Make<UInt16>)
  case f32(Make<Float>)

  var isBF16: Bool { if case .bf16 = self { true } else { false } }
}

/// Activations that a method wants before it makes layers: those of the baseline on the first tokens of the corpus. The
/// sweep refuses it until a method comes that needs them.
struct Calibration: Sendable, Equatable {
  var tokens: Int
}

/// A way to keep keys and values. There is none yet: studies and types leave the place for one.
enum CacheMethod: Sendable, Equatable {}

/// Number formats that weights are multiplied in.
enum ComputePrecision: String, Sendable, CaseIterable { case bf16, f32 }

/// The methods that a study can select.
enum CompressionMethods {
  static let all: [any CompressionMethod] = [
    Uncompressed(precision: .bf16), Uncompressed(precision: .f32), LLMInt8Method(), FP8Method(),
    FourBitMethod(levels: .nf4), FourBitMethod(levels: .fp4), NVFP4Method(), MXFP4Method(), RoundToNearest(),
    HQQMethod(),
    GGUFMethod(.q8_0), GGUFMethod(.q6_K), GGUFMethod(.q5_K), GGUFMethod(.q4_K), GGUFMethod(.q4_0),
    GGUFMethod(.q3_K), GGUFMethod(.q2_K),
    WeightControl(form: .noise), WeightControl(form: .permuted),
  ]
}
