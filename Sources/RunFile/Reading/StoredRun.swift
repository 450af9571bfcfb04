/// What a run file says of itself: everything but its arrays.
struct StoredRun {
  var description: RunDescription
  var isPartial: Bool
  var contentSHA256: String?
  var counts: RowCounts
  var columns: [RunColumn]
  /// Values of a summary run; nil for a run with raw measurements.
  var summary: [SummaryValue]?

  /// Call inside `HDF5Library.locked`.
  init(_ path: String) throws {
    let file = try Self.opened(path)
    // Before the first text is read, and after a file cut short has been told from a damaged one.
    try GlobalHeap.check(path)
    let version = try Self.checkSchema(of: file)
    // Before anything is opened by its path: from here on the file is a tree of groups and data sets of known extent.
    let objects = try file.objects()
    description = try Self.description(of: file)
    isPartial = try file.attribute("status", of: "/")?.text != "complete"
    contentSHA256 = try file.attribute(RunSchema.contentHash, of: "/")?.text
    counts = RowCounts()
    for axis in Axis.allCases { counts[axis] = try Self.length(of: axis, in: file) }
    columns = try Self.columns(of: file, objects, version: version, counts, description)
    summary = file.exists(RunSchema.summary) ? try SummaryTable.read(from: file) : nil
  }

  static func opened(_ path: String) throws -> HDF5File {
    do { return try HDF5File(reading: path) } catch {
      guard error.frames.contains(where: { $0.message.contains("truncated file") }) else { throw error }
      throw RunFileError.truncated(path: path, byteCount: FileShape.byteCount(path), cause: error.cause)
    }
  }

  /// The version that the file states.
  @discardableResult
  static func checkSchema(of file: borrowing HDF5File) throws -> Int {
    switch try file.attribute("schema_name", of: "/")?.text {
    case RunSchema.name: break
    case RunSchema.partName: throw RunFileError.isPart(path: file.path)
    default: throw RunFileError.foreign(path: file.path)
    }
    guard let version = try file.attribute("schema_version", of: "/")?.integer, version > 0 else {
      throw RunFileError.foreign(path: file.path)
    }
    guard version <= RunSchema.newestVersion else {
      throw RunFileError.newerSchema(path: file.path, version: Int(version))
    }
    return Int(version)
  }

  /// Rows along an axis: those of its scale.
  private static func length(of axis: Axis, in file: borrowing HDF5File) throws -> Int {
    let path = "/" + axis.rawValue
    guard file.exists(path), let length = try file.describe(path).shape.first, length <= Int32.max else {
      throw RunFileError.impossible(path: file.path, object: path, reason: "it is not the run's axis of this name")
    }
    return length
  }

  private static func description(of file: borrowing HDF5File) throws -> RunDescription {
    func damaged(_ reason: String) -> RunFileError { .damagedDescription(path: file.path, reason: reason) }
    guard let json = try file.attribute("description", of: "/")?.text else {
      throw damaged("the root attribute description is missing")
    }
    guard file.exists(RunSchema.volatileGroup) else { throw damaged("\(RunSchema.volatileGroup) is missing") }
    // A closure may not capture a borrowed file: read the few attributes first.
    var attributes: [String: AttributeValue] = [:]
    for name in try file.attributeNames(of: RunSchema.volatileGroup) {
      attributes[name] = try file.attribute(name, of: RunSchema.volatileGroup)
    }
    guard let volatile = VolatileProvenance({ attributes[$0] }) else {
      throw damaged("\(RunSchema.volatileGroup) lacks an attribute")
    }
    let description: RunDescription
    do { description = try RunDescription.stored(stableJSON: json, volatile: volatile) } catch {
      throw damaged("\(error)")
    }
    try DescriptionCheck(path: file.path, description: description).check()
    for condition in description.measuredConditions {
      let group = RunSchema.conditionGroup(condition.name)
      guard file.exists(group) else { continue }
      // One of the study's own that says it repeats another would be read as what it is not.
      let unread = RunSchema.reservedConditionAttributes.union(condition.rerunOf == nil ? [RunSchema.rerunOf] : [])
      if let name = try file.attributeNames(of: group).first(where: unread.contains) {
        throw RunFileError.unknownContent(path: file.path, object: "\(group)@\(name)")
      }
    }
    return description
  }

  /// Every data set under `/measurements/<condition>/<experiment>`, known to this clearbox or not.
  ///
  /// - Throws: `RunFileError` for one that cannot be understood: what it measured would be missing without a word.
  private static func columns(
    of file: borrowing HDF5File, _ objects: [(path: String, kind: HDF5File.Kind)], version: Int, _ counts: RowCounts,
    _ description: RunDescription
  ) throws -> [RunColumn] {
    var columns: [RunColumn] = []
    let conditions = Set(description.measuredConditions.map(\.name))
    for (path, kind) in objects where path.hasPrefix(RunSchema.measurements + "/") {
      func impossible(_ reason: String) -> RunFileError { .impossible(path: file.path, object: path, reason: reason) }
      let names = path.split(separator: "/").dropFirst().map(String.init)
      guard conditions.contains(names[0]) else { throw impossible("the run has no condition of this name") }
      guard (kind == .dataset) == (names.count == 3) else {
        throw impossible("measurements are data sets in a group per condition and experiment; this is none")
      }
      guard kind == .dataset else { continue }
      guard let axisName = try file.attribute("axis", of: path)?.text else { throw impossible("it has no axis") }
      if version >= RunSchema.extendedVersion,
        [RunSchema.featureAxis, RunSchema.marginAxis, RunSchema.groupAxis].contains(axisName)
      {
        continue
      }
      guard let axis = Axis(rawValue: axisName) else { throw impossible("its axis “\(axisName)” is none of a run's") }
      let (type, shape) = try file.describe(path)
      guard let type, let rows = shape.first else { throw impossible("it holds no numbers of a run file's types") }
      guard rows == counts[axis] else {
        throw RunFileError.unequalRows(path: file.path, object: path, rows: rows, expected: counts[axis])
      }
      var stored = StoredColumn(
        path: path, axis: axis, type: type, unit: try file.attribute("unit", of: path)?.text ?? "",
        meaning: try file.attribute("long_name", of: path)?.text ?? "")
      stored.rowShape = Array(shape.dropFirst())
      stored.rowAxes = try file.scaleNames(of: path, axes: 1..<shape.count)
      stored.definition = try file.attribute("definition", of: path)?.text
      columns.append(
        RunColumn(key: ColumnKey(condition: names[0], experiment: names[1], name: names[2]), stored: stored))
    }
    return columns
  }
}
