import Foundation

/// The article as a PDF, typeset by pdflatex and BibTeX. The same files and the same TeX give the same bytes: the document's
/// date is the run's, and TeX is told to write neither the clock's nor a random identifier.
enum ArticlePDF {
  /// Programs that must be there.
  private static let programs = ["pdflatex", "bibtex"]

  /// - Parameters:
  ///   - files: the article and what it reads, by paths relative to its folder.
  ///   - date: ISO 8601 in UTC.
  /// - Throws: `ReportError.noTypesetter` without TeX, `ReportError.typesetting` with TeX's complaint.
  static func typeset(_ files: [(path: String, bytes: [UInt8])], date: String) throws -> [UInt8] {
    let paths = try programs.map { program in
      guard let path = path(of: program) else { throw ReportError.noTypesetter(program) }
      return path
    }
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("clearbox-article-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    for file in files { try OutputFile.save(file.bytes, at: folder.appendingPathComponent(file.path)) }
    let seconds = (try? Date(date, strategy: .iso8601)).map { Int($0.timeIntervalSince1970) } ?? 0
    let environment = [
      "SOURCE_DATE_EPOCH": "\(seconds)", "FORCE_SOURCE_DATE": "1", "TZ": "UTC", "max_print_line": "1000",
    ]
    let pass = (paths[0], ["-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "article.tex"])
    for (program, arguments) in [pass, (paths[1], ["article"]), pass, pass] {
      try run(program, arguments, in: folder, environment)
    }
    return Array(try FileDigest.data(folder.appendingPathComponent("article.pdf")))
  }

  private static func path(of program: String) -> String? {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin").split(separator: ":")
    return folders.map { "\($0)/\(program)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
  }

  private static func run(
    _ program: String, _ arguments: [String], in folder: URL, _ environment: [String: String]
  ) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.currentDirectoryURL = folder
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    let output = Pipe()
    (process.standardInput, process.standardOutput, process.standardError) = (FileHandle.nullDevice, output, output)
    do { try process.run() } catch { throw ReportError.typesetting("\(program): \(error.localizedDescription)") }
    let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      let complaint = said.split(separator: "\n").drop { !$0.hasPrefix("!") }.prefix(3).joined(separator: " ")
      throw ReportError.typesetting(complaint.isEmpty ? String(said.suffix(300)) : complaint)
    }
  }
}
