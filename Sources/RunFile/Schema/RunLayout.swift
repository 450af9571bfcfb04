/// A measurement of one condition: its key, and how it is stored.
struct RunColumn: Equatable {
  var key: ColumnKey
  var stored: StoredColumn
}

/// Which measurements a run has, and the groups they live in.
enum RunLayout {
  /// Every column of every condition it applies to: conditions in the study's order, columns as declared.
  static func columns(_ definitions: [ColumnDefinition], conditions: [RunDescription.Condition]) -> [RunColumn] {
    conditions.flatMap { condition in
      definitions.filter { $0.applies(to: condition) }.map { definition in
        RunColumn(
          key: ColumnKey(condition: condition.name, experiment: definition.experiment, name: definition.name),
          stored: StoredColumn(definition, condition: condition.name))
      }
    }
  }

  /// `/measurements`, and below it a group per condition and experiment, each made once.
  static func createMeasurementGroups(in file: borrowing HDF5File, _ columns: [RunColumn]) throws {
    try file.createGroup(RunSchema.measurements)
    var made: Set<String> = []
    for column in columns {
      let condition = "\(RunSchema.measurements)/\(column.key.condition)"
      for group in [condition, "\(condition)/\(column.key.experiment)"] where made.insert(group).inserted {
        try file.createGroup(group)
      }
    }
  }

  /// Lengths of the axes inside rows, by name, in order of first use.
  static func rowAxes(_ columns: [RunColumn]) -> [(name: String, length: Int)] {
    var axes: [(name: String, length: Int)] = []
    for column in columns.map(\.stored) {
      for (name, length) in zip(column.rowAxes, column.rowShape) where !axes.contains(where: { $0.name == name }) {
        axes.append((name, length))
      }
    }
    return axes
  }

  /// Throws when the definitions cannot be stored: unusable or doubled names, axes of two lengths.
  static func check(_ definitions: [ColumnDefinition], conditions: [RunDescription.Condition]) throws {
    var names: Set<String> = []
    var axisLengths: [String: Int] = [:]
    for definition in definitions {
      let shown = "\(definition.experiment)/\(definition.name)"
      func reject(_ reason: String) -> RunFileError { .badDefinition(column: shown, reason: reason) }
      guard RunSchema.isUsableName(definition.experiment), RunSchema.isUsableName(definition.name) else {
        throw reject("its name cannot name a data set (empty, or with a slash)")
      }
      guard names.insert(shown).inserted else { throw reject("declared twice") }
      guard definition.rowShape.allSatisfy({ $0 > 0 }) else {
        throw reject("its row shape \(definition.rowShape) has an empty axis")
      }
      guard definition.rowAxes.isEmpty || definition.rowAxes.count == definition.rowShape.count else {
        throw reject("\(definition.rowAxes.count) axis names for a row shape of \(definition.rowShape.count) axes")
      }
      for (axis, length) in zip(definition.rowAxes, definition.rowShape) {
        guard RunSchema.isUsableName(axis), !RunSchema.reservedNames.contains(axis) else {
          throw reject("its row axis cannot be named '\(axis)', a name that the run file uses itself")
        }
        if let known = axisLengths.updateValue(length, forKey: axis), known != length {
          throw reject("its row axis '\(axis)' has length \(length), elsewhere \(known)")
        }
      }
    }
    var conditionNames: Set<String> = []
    for condition in conditions {
      guard RunSchema.isUsableName(condition.name), conditionNames.insert(condition.name).inserted else {
        throw RunFileError.badDefinition(
          column: "of condition '\(condition.name)'", reason: "the condition's name is empty, doubled, or has a slash")
      }
    }
  }
}
