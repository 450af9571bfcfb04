import CKernels
import Foundation
import KernelReferences
import Testing

/// Each kernel is compiled for several instruction sets; those that this machine has are run one by one, on one thread.
@Suite("Kernels agree with plain references, under every instruction set")
struct ReferenceTests {
  /// What one kernel gave: how it differs from its reference, and a hash of it all.
  struct Finding: Equatable {
    var name: String
    var digest: UInt64
    var difference: String?
  }

  /// Instruction sets of this machine, lowest first.
  static let sets: [String] = {
    var sets: [String] = []
    while let name = clearbox_instruction_set_at(sets.count) { sets.append(String(cString: name)) }
    return sets
  }()

  static func findings(_ set: String) -> [Finding] {
    #expect(clearbox_try_instruction_set(set) == 1)
    defer { clearbox_try_instruction_set(nil) }
    return (0..<kernel_check_count()).map { index in
      var digest: UInt64 = 0
      let difference = kernel_check(index, &digest).map { String(cString: $0) }
      return Finding(name: String(cString: kernel_check_name(index)), digest: digest, difference: difference)
    }
  }

  @Test("agree", arguments: sets)
  func agree(set: String) {
    for finding in Self.findings(set) {
      #expect(finding.difference == nil, "\(finding.name), \(set): \(finding.difference ?? "")")
    }
  }

  @Test("every set gives the same bits, but for products of the oldest one, which round twice")
  func equalBits() throws {
    let best = Self.findings(try #require(Self.sets.last))
    for set in Self.sets.dropLast() {
      for (one, other) in zip(Self.findings(set), best) where one.digest != other.digest {
        #expect(set == "x86-64" && one.name.hasPrefix("clearbox_product"), "\(one.name), \(set)")
      }
    }
  }

  @Test("asking for what the machine lacks changes nothing")
  func unknown() {
    let before = String(cString: clearbox_instruction_set())
    #expect(clearbox_use_instruction_set("z80") == 0)
    #expect(clearbox_try_instruction_set("z80") == 0)
    #expect(String(cString: clearbox_instruction_set()) == before)
  }

  @Test("peaks of the arithmetic are those of the set in force")
  func peaks() {
    for set in Self.sets {
      clearbox_try_instruction_set(set)
      defer { clearbox_try_instruction_set(nil) }
      #expect(clearbox_peak_f32(0.002) > 0)
      #expect((clearbox_peak_int8(0.002) > 0) == set.hasSuffix("VNNI"), "\(set)")
    }
  }
}
