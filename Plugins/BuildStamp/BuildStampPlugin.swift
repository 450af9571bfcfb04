import Foundation
import PackagePlugin

/// Writes down which commit the program is built from, whenever the commit or a source changes.
///
/// A command of the build, with the sources as its inputs: what the manifest says of the commit is cached, and commands
/// before the build run only when it is planned anew.
@main
struct BuildStampPlugin: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: Target) throws -> [Command] {
    let package = context.package.directoryURL
    let script = package.appending(path: "Plugins/BuildStamp/stamp.sh")
    let output = context.pluginWorkDirectoryURL.appending(path: "BuildStamp+Commit.swift")
    // The commit changes with one of these; whether the sources have changes, with any of the others.
    let places = ["logs/HEAD", "index"].flatMap { git(["rev-parse", "--git-path", $0], in: package) }
    let inputs = (places + git(["ls-files", "--", "Sources", "Plugins", "Package.swift"], in: package))
      .map { URL(filePath: $0, relativeTo: package).absoluteURL }
      .filter { FileManager.default.fileExists(atPath: $0.path) }
    return [
      .buildCommand(
        displayName: "Stamping the commit", executable: URL(filePath: "/bin/sh"),
        arguments: [script.path, package.path, output.path], inputFiles: inputs + [script], outputFiles: [output])
    ]
  }

  /// The lines that git prints; none where there is no checkout.
  private func git(_ arguments: [String], in folder: URL) -> [String] {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["git", "-C", folder.path] + arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return [] }
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { return [] }
    return String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
  }
}
