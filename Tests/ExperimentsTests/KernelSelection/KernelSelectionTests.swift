import FabricatedRuns
import Foundation
import Kernels
import RunFile
import Testing

@testable import Experiments

@Suite("The selection of kernels")
struct KernelSelectionTests {
  /// Another choice than the given one that this machine can use; nil where there is none.
  private func other(than name: String?) -> KernelChoice? {
    KernelChoice.all.first { $0.name != name && (try? $0.check()) != nil }
  }

  @Test("a calibration is kept for one CPU, and read again")
  func kept() throws {
    let folder = TemporaryFolder()
    let (one, two) = (CPU(information: "vendor_id : A"), CPU(information: "vendor_id : B"))
    #expect(KeptCalibration(folder: folder.file("cache"), cpu: one).choice == nil)
    let times = KernelTimes(entries: [
      .init(shape: .init(.bf16, rows: 1000, columns: 1000, depth: 1000), engine: .portable, seconds: [0.01, 0.02])
    ])
    KeptCalibration(folder: folder.file("cache"), cpu: one).keep(KernelChoice(.portable), times)
    #expect(KeptCalibration(folder: folder.file("cache"), cpu: one).choice == KernelChoice(.portable))
    #expect(KeptCalibration(folder: folder.file("cache"), cpu: two).choice == nil)
    let name = try #require(folder.names("cache/kernels").first)
    let text = String(decoding: try bytes(of: folder.file("cache/kernels/" + name)), as: UTF8.self)
    #expect(text.contains("\"bf16 1000×1000 portable\"") && text.contains("200"))
    // A cache that cannot be read is none.
    try put(Data("{".utf8), at: folder.file("cache/kernels/" + name))
    #expect(KeptCalibration(folder: folder.file("cache"), cpu: one).choice == nil)
  }

  @Test("what is asked for comes first, then what the run was begun with, then the CPU's")
  func order() throws {
    let portable = KernelChoice(.portable)
    let asked = try KernelSelection(named: portable).choose(begun: "onednn") {}
    #expect(asked.0 == portable && asked.1 == .asked)
    let begun = try KernelSelection().choose(begun: "portable") {}
    #expect(begun.0 == portable && begun.1 == .begun)
    #expect(try KernelSelection().choose(begun: nil) {}.0 == KernelTable.row().choice)
    #expect("\(message { _ = try KernelSelection().choose(begun: "tensor-cores") {} } ?? "")".contains("begun with"))
  }

  @Test("an unfinished run goes on with its kernels, and refuses others; a finished one is measured whatever they were")
  func runs() throws {
    var tiny = try TinyRun()
    guard let usual = try? KernelChoice.usual(), let first = other(than: usual.name) else { return }
    tiny.kernels = KernelSelection(named: first)
    let folder = tiny.folder
    var left: [String] = []
    let whole = try tiny.measure("whole.h5") { event in
      // Of the first block nothing is finished, of the second one block.
      if case .progress(let progress, _) = event, progress.block == left.count, left.count < 2 {
        left.append("after-\(left.count).h5")
        try? FileManager.default.copyItem(
          atPath: folder.file("whole.h5.parts"), toPath: folder.file(left[left.count - 1] + ".parts"))
      }
    }
    #expect(whole.description.provenance.kernelChoice == first.name)
    #expect(whole.description.provenance.kernels.hasPrefix(first.name + ": "))
    #expect(left.count == 2)
    for name in left {
      tiny.kernels = KernelSelection(named: usual)
      #expect(message { try tiny.measure(name) }?.contains("computes with other kernels (\(first.name): ") == true)
      tiny.kernels = KernelSelection()
      #expect(try tiny.measure(name).contentSHA256 == whole.contentSHA256, "\(name)")
    }
    var isMeasured = false
    try tiny.measure("whole.h5") { if case .alreadyMeasured = $0 { isMeasured = true } }
    #expect(isMeasured)
    tiny.kernels = KernelSelection(named: usual)
    #expect(message { try tiny.measure("whole.h5") }?.contains("it differs in provenance.kernelChoice") == true)
    tiny.replaces = true
    #expect(try tiny.measure("whole.h5").description.provenance.kernelChoice == usual.name)
  }
}
