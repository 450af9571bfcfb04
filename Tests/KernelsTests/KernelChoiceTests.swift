import Testing

@testable import Kernels

@Suite("The choice of kernels")
struct KernelChoiceTests {
  @Test("every choice has a name of its own, and is found by it")
  func names() throws {
    #expect(Set(KernelChoice.all.map(\.name)).count == 8)
    for choice in KernelChoice.all { #expect(try KernelChoice(named: choice.name) == choice) }
    #expect(KernelChoice.all.prefix(2).map(\.name) == ["onednn", "portable"])
    #expect(KernelChoice(bf16: .portable, f32: .portable, int8: .onednn).name == "portable+onednn-int8")
    #expect(KernelChoice(bf16: .onednn, f32: .portable, int8: .onednn).name == "onednn+portable-f32")
  }

  @Test("an unknown name is refused, wherever it comes from, and the known ones are given")
  func unknown() throws {
    #expect(throws: KernelError.unknown("fast")) { try KernelChoice(named: "fast") }
    #expect(throws: KernelError.unknown("PORTABLE")) { try KernelChoice.named(in: ["CLEARBOX_KERNELS": "PORTABLE"]) }
    #expect(try KernelChoice.named(in: ["CLEARBOX_KERNELS": ""]) == nil && KernelChoice.named(in: [:]) == nil)
    #expect(try KernelChoice.named(in: ["CLEARBOX_KERNELS": "portable"]) == KernelChoice(.portable))
    let message = "\(KernelError.unknown("fast"))"
    for choice in KernelChoice.all { #expect(message.contains(choice.name)) }
  }

  @Test("own kernels work everywhere; what does not work says why")
  func possible() throws {
    try KernelChoice(.portable).check()
    for choice in KernelChoice.all {
      try choice.possible.check()
      #expect(choice.summary.hasPrefix(choice.name + ": "))
      do { try choice.check() } catch { #expect("\(error)".contains("'\(choice.name)' cannot be used here: ")) }
    }
  }
}

@Suite("The table of CPUs")
struct KernelTableTests {
  private func cpu(_ vendor: String, family: Int, _ flags: String) -> CPU {
    CPU(
      information: """
        processor\t: 0
        vendor_id\t: \(vendor)
        cpu family\t: \(family)
        model\t\t: 2
        model name\t: Something: 3 GHz
        stepping\t: 1
        flags\t\t: fpu avx2 fma \(flags)

        processor\t: 1
        cpu family\t: 99
        """)
  }

  @Test("the first processor's fields are read, and nothing is nothing")
  func reading() {
    let read = cpu("GenuineIntel", family: 6, "avx512f")
    #expect(read.vendor == "GenuineIntel" && (read.family, read.model, read.stepping) == (6, 2, 1))
    #expect(read.flags == ["avx2", "avx512f", "fma", "fpu"])
    #expect(CPU(information: "") == CPU(information: "CPU implementer : 0x41\n"))
  }

  @Test(
    "a CPU gets the choice of its kind",
    arguments: [
      ("AuthenticAMD", 26, "avx512_bf16 avx512_vnni", "onednn", true),
      ("AuthenticAMD", 25, "avx512_bf16 avx512_vnni", "onednn", false),
      ("GenuineIntel", 6, "avx512_bf16 avx512_vnni", "portable+onednn-int8", true),
      ("GenuineIntel", 6, "avx512_bf16 avx512_vnni amx_tile amx_bf16 amx_int8", "onednn", false),
      ("GenuineIntel", 6, "avx512_vnni", "portable+onednn-int8", false),
      ("GenuineIntel", 6, "avx_vnni", "portable+onednn-int8", false), ("AuthenticAMD", 25, "", "portable", false),
      ("", 0, "", "portable", false),
    ])
  func kinds(vendor: String, family: Int, flags: String, choice: String, isMeasured: Bool) throws {
    let row = try #require(KernelTable.rows.first { $0.matches(cpu(vendor, family: family, flags)) })
    #expect(row.choice.name == choice && (row.measured != nil) == isMeasured, "\(row)")
  }

  @Test("this machine can compute with what the table gives it")
  func here() throws { try KernelTable.row().choice.check() }
}
