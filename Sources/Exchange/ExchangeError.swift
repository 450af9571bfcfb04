import RunFile

/// A file of someone else's cannot be taken in, or a run cannot be handed out: what, where, and what to do.
public enum ExchangeError: Error, Sendable, Equatable, CustomStringConvertible {
  // JSON
  case notJSON(file: String, reason: String)
  case unexpectedJSON(file: String, place: String, found: String, expected: String)
  case missingJSON(file: String, place: String)
  case unknownBitWidth(file: String, place: String, known: [String])
  case unknownPart(file: String, place: String, known: [String])
  case noBaseline(file: String, model: String)
  case nothingMeasured(file: String, model: String)

  // Run files of others
  case isSummary(file: String)
  case noDescription(file: String)
  case badDescription(file: String, place: String, reason: String)
  case missingDataset(file: String, dataset: String, expected: String)
  case wrongDataset(file: String, dataset: String, found: String, expected: String)
  case wrongRow(file: String, dataset: String, row: Int, found: String, expected: String)

  // Export
  case unfinished(run: String)
  case notThisFormat(run: String, format: String, reason: String)
  case sameName(model: String, first: String, second: String)
  case sameFile(file: String, first: String, second: String)
  case noModel(file: String)
  case badName(file: String, model: String)
  case isMeasured(file: String)
  case fileSystem(path: String, reason: String)

  public var description: String {
    switch self {
    case .notJSON(let file, let reason):
      "\(file): neither a run file nor JSON: \(reason)\n"
        + "Give results that the article's code wrote (results/run_….json), or an HDF5 file as docs/run-file.md describes it."
    case .unexpectedJSON(let file, let place, let found, let expected):
      "\(file): \(place): is \(found), where \(expected) is expected.\nCorrect the file; docs/exchange.md has its layout."
    case .missingJSON(let file, let place):
      "\(file): \(place): is missing.\nCorrect the file; docs/exchange.md has its layout."
    case .unknownBitWidth(let file, let place, let known):
      "\(file): \(place): no bit width that is known; known are \(known.joined(separator: ", ")).\n"
        + "Rename or remove the entry."
    case .unknownPart(let file, let place, let known):
      "\(file): \(place): no measurement that is known; known are \(known.joined(separator: ", ")).\n"
        + "Rename or remove the entry."
    case .noBaseline(let file, let model):
      "\(file): conditions.\(model): has no bf16, the condition that the others are compared with.\n"
        + "Add its entry, if only {\"status\": \"NO-DATA\"}, or remove the model."
    case .nothingMeasured(let file, let model):
      "\(file): conditions.\(model): holds no value at all.\nRemove the model, or give a file that measured it."

    case .isSummary(let file):
      "\(file): a summary run that clearbox itself wrote.\nIt needs no import: give it to clearbox render or export."
    case .noDescription(let file):
      "\(file): has no root attribute 'description' (JSON text).\n"
        + "docs/exchange.md says what it must hold; clearbox.RunWriter of docs/python.md writes one."
    case .badDescription(let file, let place, let reason):
      "\(file): description: \(place): \(reason).\nCorrect the JSON in the root attribute 'description'; docs/exchange.md has its keys."
    case .missingDataset(let file, let dataset, let expected):
      "\(file): \(dataset): is missing: \(expected).\nAdd it to the file, and import again."
    case .wrongDataset(let file, let dataset, let found, let expected):
      "\(file): \(dataset): is \(found), where \(expected) is expected.\n"
        + "Correct the program that writes the file, and import again."
    case .wrongRow(let file, let dataset, let row, let found, let expected):
      "\(file): \(dataset): row \(row) is \(found), where \(expected) is expected.\n"
        + "Correct the program that writes the file, and import again."

    case .unfinished(let run):
      "\(run): the run is not finished, so it has no content hash to be known by.\nFinish it, or export --format article."
    case .notThisFormat(let run, let format, let reason):
      "\(run): cannot be written as \(format): \(reason).\nLeave this run out, or choose another format."
    case .sameName(let model, let first, let second):
      "\(first) and \(second) are both of \(model), and a model has one place in the export.\nExport them one after another."
    case .sameFile(let file, let first, let second):
      "\(file): the models \(first) and \(second) would be written into the same run file.\nRename one of them in the source."
    case .noModel(let file):
      "\(file): names no model.\nGive results with at least one entry in 'conditions'."
    case .badName(let file, let model):
      "\(file): \"\(model)\" is no model's name that a file can have.\nRename it in the source."
    case .isMeasured(let file):
      "\(file): a run that clearbox itself measured.\nIt needs no import: give it to clearbox render or export."
    case .fileSystem(let path, let reason):
      "\(path): \(reason)\n"
        + SystemAdvice.about(reason, otherwise: "Check the path, its permissions and the room on the disk.")
    }
  }
}
