import Codecs
import Digests
import Foundation
import RunFile

/// Takes in numbers that were measured elsewhere, and writes them as run files.
public enum Import {
  /// Imports one file: results of the article's code (JSON), or a run file that another program wrote (HDF5).
  ///
  /// - Parameter folder: where run files go, `<model>.h5`; it is made when it is missing.
  /// - Returns: the run files written, in the source's order of models.
  /// - Throws: `ExchangeError`, `RunFileError`, `HDF5Error`; nothing is written when a file has an error.
  public static func file(_ path: String, to folder: String, program: ImportingProgram) throws -> [String] {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw RunFileError.missing(path: path)
    }
    if isFolder.boolValue { throw RunFileError.isFolder(path: path) }
    let bytes: Data
    do { bytes = try Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped) } catch {
      throw ExchangeError.fileSystem(path: path, reason: error.localizedDescription)
    }
    let sha256 = SHA256.hash(data: bytes).hexadecimal
    if bytes.starts(with: [0x89, 0x48, 0x44, 0x46]) {
      // A whole run file with a content hash that clearbox wrote is no foreign one.
      if let own = try? RunReader(path), own.description.origin == nil, own.contentSHA256 != nil,
        (try? own.verify()) != nil
      {
        throw ExchangeError.isMeasured(file: path)
      }
      let run = try ForeignRun(path: path, sha256: sha256, program: program)
      let written = try place(run.description.model.name, in: folder, source: path)
      try run.write(to: written)
      return [written]
    }
    let runs = try ArticleImport(bytes, file: path, sha256: sha256, program: program).runs()
    guard !runs.isEmpty else { throw ExchangeError.noModel(file: path) }
    var written: [String] = []
    for run in runs {
      let file = try place(run.description.model.name, in: folder, source: path)
      if let first = written.firstIndex(of: file) {
        throw ExchangeError.sameFile(
          file: path, first: runs[first].description.model.name, second: run.description.model.name)
      }
      written.append(file)
    }
    for (run, file) in zip(runs, written) { try run.write(to: file) }
    return written
  }

  /// Where a model's run file goes; never onto the source itself.
  private static func place(_ model: String, in folder: String, source: String) throws -> String {
    do { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) } catch {
      throw ExchangeError.fileSystem(path: folder, reason: error.localizedDescription)
    }
    let name = ImportedDescription(model: model, file: source).shortModel
    guard !name.isEmpty, !name.hasPrefix(".") else { throw ExchangeError.badName(file: source, model: model) }
    let file = URL(fileURLWithPath: folder).appendingPathComponent(name + ".h5")
    guard file.resolvingSymlinksInPath() != URL(fileURLWithPath: source).resolvingSymlinksInPath() else {
      throw ExchangeError.fileSystem(
        path: source, reason: "importing it into \(folder) would overwrite it. Give another folder by --out.")
    }
    return file.path
  }
}
