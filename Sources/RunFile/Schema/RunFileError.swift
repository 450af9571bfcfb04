/// A run file, or a folder of a run in progress, is not what it should be: what, where, and what to do.
public enum RunFileError: Error, Sendable, Equatable, CustomStringConvertible {
  // Reading
  case missing(path: String)
  case isFolder(path: String)
  case notRegular(path: String)
  /// `beginning`: the first bytes, shown as text where they are text.
  case notHDF5(path: String, beginning: String)
  case truncated(path: String, byteCount: Int, cause: String)
  /// An HDF5 file of someone else's.
  case foreign(path: String)
  /// A finished part was given where a run file is wanted.
  case isPart(path: String)
  case newerSchema(path: String, version: Int)
  /// Something that the schema has a place for and that this clearbox does not read.
  case unknownContent(path: String, object: String)
  /// Something in the file that no run file has, and that is not safe to read.
  case refusedObject(path: String, object: String, reason: String)
  /// A value that cannot be: a row of a table, a count, an attribute.
  case impossible(path: String, object: String, reason: String)
  case damagedDescription(path: String, reason: String)
  case noSuchColumn(path: String, key: ColumnKey, available: [ColumnKey])
  /// Row counts of two data sets of one axis differ.
  case unequalRows(path: String, object: String, rows: Int, expected: Int)
  /// A data set holds numbers of another type than the run file's.
  case otherType(path: String, object: String, type: String, expected: String)
  case contentChanged(path: String, stored: String, computed: String)
  /// The file's bytes are not those that were written.
  case bytesChanged(path: String)
  case noContentHash(path: String)
  /// A run of which no rounded copy can be made.
  case notToBeRounded(path: String, reason: String)
  /// A summary run's values do not fit together.
  case damagedSummary(path: String, reason: String)

  // A run in progress
  case otherStudy(folder: String, stored: String, given: String)
  case otherColumns(folder: String, difference: String)
  case noRunInProgress(folder: String)
  case nothingMeasured(folder: String)
  case badShard(String)
  /// Shards that do not make up one run.
  case notMergeable(String)
  case inUse(folder: String)
  /// A report is being written there.
  case beingWritten(folder: String)
  case fileSystem(path: String, action: String, reason: String)

  // What the measuring code hands over
  case badDefinition(column: String, reason: String)
  case wrongBlock(index: Int, expected: Int)
  case badTable(block: Int, reason: String)
  case missingColumn(block: Int, key: ColumnKey)
  case unexpectedColumn(block: Int, key: ColumnKey, reason: String)
  case wrongType(block: Int, key: ColumnKey, type: String, expected: String)
  case wrongCount(block: Int, key: ColumnKey, count: Int, expected: Int, shape: String)

  public var description: String {
    switch self {
    case .missing(let path):
      "\(path): no such file.\nGive the path of a run file, e.g. out/<study>/<model>.h5."
    case .isFolder(let path):
      "\(path): is a folder, not a run file.\nGive the <model>.h5 inside a study's output folder."
    case .notRegular(let path):
      "\(path): is a pipe or a device, not a file.\nGive the path of a run file: it is read from several places at once."
    case .notHDF5(let path, let beginning):
      "\(path): not a run file: run files are HDF5, this one begins with \(beginning).\n"
        + "Give a run file that clearbox wrote."
    case .truncated(let path, let byteCount, let cause):
      "\(path): only the beginning of a run file (\(byteCount) bytes): \(cause).\n"
        + "A copy or download was cut short: copy it again from where it is whole."
    case .foreign(let path):
      "\(path): an HDF5 file, but not a run file: it has no root attribute schema_name = \"\(RunSchema.name)\".\n"
        + "Give a run file that clearbox wrote."
    case .isPart(let path):
      "\(path): one part of a run in progress, not a run file.\n"
        + "Give the folder of parts to read what is measured so far, or finish the run."
    case .newerSchema(let path, let version):
      "\(path): written with run-file schema \(version); this clearbox reads up to schema \(RunSchema.newestVersion).\n"
        + "Use a newer clearbox."
    case .unknownContent(let path, let object):
      "\(path): \(object): holds what this clearbox cannot read yet.\nUse a newer clearbox."
    case .refusedObject(let path, let object, let reason):
      "\(path): \(object): \(reason).\n"
        + "No clearbox wrote this. Run files are groups and data sets whose numbers lie in the file itself."
    case .impossible(let path, let object, let reason):
      "\(path): \(object): \(reason).\n\(Self.changedOrForeign)"
    case .damagedDescription(let path, let reason):
      "\(path): the description of the run cannot be read: \(reason).\n\(Self.changedOrForeign)"
    case .noSuchColumn(let path, let key, let available):
      "\(path): has no measurement \(StoredColumn.path(key)).\n"
        + (available.isEmpty
          ? "It holds no measurements."
          : "It holds: " + available.map { StoredColumn.path($0) }.joined(separator: ", ") + ".")
    case .unequalRows(let path, let object, let rows, let expected):
      "\(path): \(object): \(rows) rows, where the run has \(expected) of them.\n\(Self.changedOrForeign)"
    case .otherType(let path, let object, let type, let expected):
      "\(path): \(object): \(type), where a run file has \(expected).\n\(Self.changedOrForeign)"
    case .contentChanged(let path, let stored, let computed):
      "\(path): the content is not what was written: its SHA-256 is \(computed), the file says \(stored).\n"
        + "Restore the file from a copy, or measure again."
    case .bytesChanged(let path):
      "\(path): its bytes are not those that were written: it is damaged, or was changed by a program that left its length.\n"
        + "Restore the file from a copy, or measure again."
    case .notToBeRounded(let path, let reason):
      "\(path): no rounded copy can be made: \(reason)."
    case .noContentHash(let path):
      "\(path): has no \(RunSchema.contentHash), so its content cannot be verified.\n"
        + "Only assembled run files have one: finish the run."

    case .damagedSummary(let path, let reason):
      "\(path): /summary: \(reason).\nImport the source again."

    case .badShard(let reason): "\(reason)."
    case .notMergeable(let reason): "The shards do not make up a run: \(reason)."
    case .otherStudy(let folder, let stored, let given):
      "\(folder): holds an unfinished run that measured something else (fingerprint \(shortened(stored)), "
        + "this study has \(shortened(given))).\n"
        + "Remove that folder to start anew, or write to another output folder."
    case .otherColumns(let folder, let difference):
      "\(folder): holds an unfinished run with other measurements: \(difference).\n"
        + "Remove that folder to start anew, or write to another output folder."
    case .noRunInProgress(let folder):
      "\(folder): holds no run in progress (no \(RunParts.descriptionName)).\n"
        + "Give a run file, or the folder of parts of an unfinished run."
    case .nothingMeasured(let folder):
      "\(folder): no block is finished, so there is nothing to assemble.\nRun the study again."
    case .inUse(let folder):
      "\(folder): another clearbox is measuring into this folder.\nWait for it, or write to another output folder."
    case .beingWritten(let folder):
      "\(folder): another clearbox is writing a report into this folder.\n"
        + "Wait for it and give the same command again, or write to another folder."
    case .fileSystem(let path, let action, let reason):
      "\(path): cannot \(action): \(reason).\n"
        + SystemAdvice.about(reason, otherwise: "Check the path, its permissions and the room on the disk.")

    case .badDefinition(let column, let reason):
      "column \(column): \(reason).\nCorrect the experiment's list of columns."
    case .wrongBlock(let index, let expected):
      "block \(index): out of order, block \(expected) is next.\nAppend blocks one after another, from 0."
    case .badTable(let block, let reason):
      "block \(block): \(reason).\nThe sweep's tables must describe the block's tokens without gaps."
    case .missingColumn(let block, let key):
      "block \(block): lacks \(StoredColumn.path(key)).\n"
        + "Each block brings every column that the run declared, for every condition it applies to."
    case .unexpectedColumn(let block, let key, let reason):
      "block \(block): brings \(StoredColumn.path(key)): \(reason).\nDeclare the column when the run is created."
    case .wrongType(let block, let key, let type, let expected):
      "block \(block): \(StoredColumn.path(key)) is \(type); it was declared as \(expected).\n"
        + "Correct the experiment's column or its declaration."
    case .wrongCount(let block, let key, let count, let expected, let shape):
      "block \(block): \(StoredColumn.path(key)) has \(count) values; \(shape) make \(expected).\n"
        + "Correct the experiment's column or its declaration."
    }
  }

  /// About what no clearbox writes, and is not known to be damage.
  private static let changedOrForeign =
    "Another program wrote the file so, or changed it: correct that program (docs/run-file.md), or get the file again from where it comes."

  /// Enough of a fingerprint to tell two apart by eye.
  private func shortened(_ fingerprint: String) -> String {
    fingerprint.count > 16 ? fingerprint.prefix(16) + "…" : fingerprint
  }
}
