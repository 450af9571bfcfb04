#if arch(x86_64)
  import Foundation
  import Testing

  /// The programs that run Arm's code here.
  private enum ArmEmulator {
    static let libraries = "/usr/aarch64-linux-gnu"
    static let isInstalled =
      path(of: "clang") != nil && path(of: "qemu-aarch64") != nil
      && FileManager.default.fileExists(atPath: libraries + "/lib/crt1.o")

    static func path(of program: String) -> String? {
      let folders = ProcessInfo.processInfo.environment["PATH"]?.split(separator: ":") ?? []
      return folders.map { "\($0)/\(program)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// What a program prints; its exit status is for the caller to expect.
    static func run(_ program: String, _ arguments: [String]) throws -> (output: String, status: Int32) {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: try #require(path(of: program)))
      process.arguments = arguments
      let pipe = Pipe()
      process.standardOutput = pipe
      try process.run()
      let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      process.waitUntilExit()
      return (output, process.terminationStatus)
    }
  }

  /// Arm's kernels, compiled by the toolchain's own clang with Debian's libraries for Arm, run by an emulator.
  @Suite(
    "Arm's kernels", .enabled(if: ArmEmulator.isInstalled, "gcc-aarch64-linux-gnu and qemu-user are not installed"))
  struct ArmTests {
    @Test("agree with the plain references, and give this machine's bits")
    func agree() throws {
      let home = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
      func sources(_ folder: String) throws -> [String] {
        let folder = home.appendingPathComponent(folder)
        return try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".c") }.sorted()
          .map { folder.appendingPathComponent($0).path }
      }
      let program = FileManager.default.temporaryDirectory.appendingPathComponent("kernels-\(UUID().uuidString)").path
      defer { try? FileManager.default.removeItem(atPath: program) }
      let compiled = try ArmEmulator.run(
        "clang",
        ["--target=aarch64-linux-gnu", "-O2", "-I", home.appendingPathComponent("Sources/CKernels/include").path]
          + sources("Sources/CKernels") + sources("Tests/KernelReferences") + sources("Tests/KernelReferences/arm")
          + ["-lm", "-o", program])
      #expect(compiled.status == 0)
      let (output, status) = try ArmEmulator.run("qemu-aarch64", ["-L", ArmEmulator.libraries, program])
      #expect(status == 0, "\(output)")
      let expected = ReferenceTests.findings(try #require(ReferenceTests.sets.last)).map {
        "\($0.name) \(String(format: "%016llx", $0.digest)) agrees\n"
      }
      // Without fused multiply-adds this machine's own products round twice.
      if ReferenceTests.sets.count > 1 { #expect(output == expected.joined()) }
    }
  }
#endif
