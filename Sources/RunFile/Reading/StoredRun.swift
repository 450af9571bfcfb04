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
    try Self.checkSchema(of: file)
    description = try Self.description(of: file)
    isPartial = try file.attribute("status", of: "/")?.text != "complete"
    contentSHA256 = try file.attribute(RunSchema.contentHash, of: "/")?.text
    counts = RowCounts(
      tokens: try file.describe("/token").shape[0], segments: try file.describe("/segment").shape[0],
      chunks: try file.describe("/chunk").shape[0], batches: try file.describe("/batch").shape[0])
    columns = try Self.columns(of: file)
    summary = file.exists(RunSchema.summary) ? try SummaryTable.read(from: file) : nil
  }

  static func opened(_ path: String) throws -> HDF5File {
    do { return try HDF5File(reading: path) } catch {
      guard error.frames.contains(where: { $0.message.contains("truncated file") }) else { throw error }
      throw RunFileError.truncated(path: path, byteCount: FileShape.byteCount(path), cause: error.cause)
    }
  }

  static func checkSchema(of file: borrowing HDF5File) throws {
    switch try file.attribute("schema_name", of: "/")?.text {
    case RunSchema.name: break
    case RunSchema.partName: throw RunFileError.isPart(path: file.path)
    default: throw RunFileError.foreign(path: file.path)
    }
    guard let version = try file.attribute("schema_version", of: "/")?.integer else {
      throw RunFileError.foreign(path: file.path)
    }
    guard version <= RunSchema.newestVersion else {
      throw RunFileError.newerSchema(path: file.path, version: Int(version))
    }
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
    for condition in description.measuredConditions {
      guard condition.reference == nil || description.reference(of: condition) != nil else {
        throw damaged("\(condition.name) is compared with a condition that is not there")
      }
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
  private static func columns(of file: borrowing HDF5File) throws -> [RunColumn] {
    var columns: [RunColumn] = []
    let root = RunSchema.measurements
    for (condition, kind) in try file.members(of: root) where kind == .group {
      for (experiment, kind) in try file.members(of: "\(root)/\(condition)") where kind == .group {
        for (name, kind) in try file.members(of: "\(root)/\(condition)/\(experiment)") where kind == .dataset {
          let key = ColumnKey(condition: condition, experiment: experiment, name: name)
          let path = StoredColumn.path(key)
          let (type, shape) = try file.describe(path)
          guard let type, !shape.isEmpty, let axis = try file.attribute("axis", of: path)?.text.flatMap(Axis.init)
          else { continue }
          var stored = StoredColumn(
            path: path, axis: axis, type: type, unit: try file.attribute("unit", of: path)?.text ?? "",
            meaning: try file.attribute("long_name", of: path)?.text ?? "")
          stored.rowShape = Array(shape.dropFirst())
          stored.rowAxes = try file.scaleNames(of: path, axes: 1..<shape.count)
          stored.definition = try file.attribute("definition", of: path)?.text
          columns.append(RunColumn(key: key, stored: stored))
        }
      }
    }
    return columns
  }
}
