import Foundation

/// Which kernels fit which CPU.
///
/// A row that was measured decides. Any other is a guess from the nearest CPU that was, and a calibration may overrule it.
/// `bench --only kernels` repeats the measurement. Numbers are GFLOP/s (int8: GOP/s) of one core in shapes of the 270M's
/// pass, all cores busy, by the thread's processor time where nothing else is said.
public struct KernelTable: Sendable {
  public struct Row: Sendable {
    /// For people.
    public var cpu: String
    public var choice: KernelChoice
    /// The numbers that decided, and where they were measured; nil for a guess.
    public var measured: String?
    var vendor: String?
    var families: ClosedRange<Int>?
    /// All of them are needed.
    var flags: [String] = []
    /// None of them may be there.
    var lacks: [String] = []

    func matches(_ cpu: CPU) -> Bool {
      (vendor ?? cpu.vendor) == cpu.vendor && (families?.contains(cpu.family) ?? true) && flags.allSatisfy(cpu.has)
        && !lacks.contains(where: cpu.has)
    }
  }

  /// The first that matches counts; the last matches every CPU.
  static let rows: [Row] = [
    Row(
      cpu: "AMD Zen 5", choice: KernelChoice(.onednn),
      measured:
        "EPYC, family 26, model 2, two cores, 28 November 2026: bf16 464 by oneDNN, 231 by own kernels (peaks: bf16 dot 537, multiply-add 268); float32 223 to 230 and 205 to 226; int8 912 to 927 and 925 to 940 (int8 dot 1060)",
      vendor: "AuthenticAMD", families: 26...26,
      flags: ["avx512_bf16", "avx512_vnni"]),
    Row(
      cpu: "Intel with AVX-512, bf16 and VNNI, without AMX",
      choice: KernelChoice(bf16: .portable, f32: .portable, int8: .onednn),
      measured:
        "a server CPU, both of its two cores by the clock: bf16 pass 152 by oneDNN, 224 to 240 by own kernels (hardware: multiply-add 170 a core, bf16 dot 83); int8 955 by oneDNN, 313 by own kernels, which did not use VNNI then",
      vendor: "GenuineIntel", flags: ["avx512_bf16", "avx512_vnni"], lacks: ["amx_bf16"]),
    Row(cpu: "x86-64 with AMX", choice: KernelChoice(.onednn), flags: ["amx_bf16", "amx_int8"]),
    Row(
      cpu: "AMD with AVX-512 and bf16", choice: KernelChoice(.onednn), vendor: "AuthenticAMD",
      flags: ["avx512_bf16", "avx512_vnni"]),
    Row(
      cpu: "x86-64 with VNNI", choice: KernelChoice(bf16: .portable, f32: .portable, int8: .onednn),
      flags: ["avx512_vnni"]),
    Row(
      cpu: "x86-64 with VNNI of 256 bits", choice: KernelChoice(bf16: .portable, f32: .portable, int8: .onednn),
      flags: ["avx_vnni"]),
    Row(cpu: "any CPU", choice: KernelChoice(.portable)),
  ]

  /// The row of a CPU, with our own kernels for all that oneDNN cannot do here.
  public static func row(of cpu: CPU = .current) -> Row {
    var row = rows.first { $0.matches(cpu) } ?? rows[rows.count - 1]
    row.choice = row.choice.possible
    return row
  }
}

extension KernelChoice {
  /// What the environment names, else the table's for this CPU; no calibration.
  ///
  /// - Throws: `KernelError`.
  public static func usual(
    _ environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws(KernelError) -> KernelChoice {
    guard let named = try named(in: environment) else { return KernelTable.row().choice }
    try named.check()
    return named
  }
}
