/// Puts parts together into one run file. Data sets are written one after another, in whole stored chunks, so that the
/// file's bytes do not depend on how the run was cut into blocks.
struct RunFileAssembly {
  /// Paths of the parts, in order.
  var parts: [String]
  var counts: RowCounts
  var columns: [RunColumn]
  var description: RunDescription
  var isComplete: Bool
  /// Values of a summary run, which has no parts; nil for a run with raw measurements.
  var summary: [SummaryValue]?
  /// What a token's id says; nil where that is not known.
  var text: ((Int32) -> String)?
  /// Rounds measured floating-point numbers; nil keeps them as they are.
  var significantBits: Int?

  /// Call inside `HDF5Library.locked`.
  func write(to path: String) throws {
    do {
      let file = try HDF5File(creating: path)
      try writeScales(to: file)
      try writeTexts(to: file)
      try writeTables(to: file)
      if let text { try VocabularyTable.write(text, to: file) }
      try writeConditions(to: file)
      try writeMeasurements(to: file)
      try writeFeatureTables(to: file)
      if let summary { try SummaryTable.write(summary, to: file) }
      try writeProvenance(to: file)
      try writeRootAttributes(to: file)
      try file.flush()
    }
    // From here on the content is what readers will see: hash it as they would.
    let hash = try ContentHash.compute(of: path)
    do {
      let file = try HDF5File(extending: path)
      try file.setAttribute(RunSchema.contentHash, of: "/", to: .text(hash))
      try file.flush()
    }
    try FileSeal.append(to: path)
  }

  // MARK: Axes

  /// One index data set per axis, named like it, so that every other data set's dimensions have names.
  private func writeScales(to file: borrowing HDF5File) throws {
    let axes =
      Axis.allCases.map { ($0.rawValue, counts[$0], "Index of the \($0.rawValue) in the run, from 0") }
      + RunLayout.rowAxes(columns).map { ($0.name, $0.length, "Index along the axis '\($0.name)', from 0") }
      + (description.featurePairs == nil
        ? []
        : [
          (RunSchema.featureAxis, description.sae?.featureCount ?? 0, "Index of the feature, from 0"),
          (
            RunSchema.marginAxis, FlipCounts.edges.count,
            "Margin above the threshold, in what a random shift of the condition's length moves a pre-activation by: from "
              + FlipCounts.edges.map { "\($0)" }.joined(separator: ", ")
          ),
        ])
      + (description.featureGroups.map {
        [(RunSchema.groupAxis, $0, "Group of documents, by a hash of the document's row in the corpus")]
      } ?? [])
    for (name, length, meaning) in axes {
      let path = "/" + name
      let dataset = try file.createDataset(path, type: .int32, shape: [length])
      let indices = (0..<Int32(length)).map { $0 }
      try indices.withUnsafeBytes { bytes in
        try file.writeRows(
          of: dataset, path, type: .int32, shape: [length], firstRow: 0, rows: length, bytes: bytes)
      }
      try file.makeScale(path, named: name)
      try file.setAttribute("long_name", of: path, to: .text(meaning))
      try file.setAttribute("unit", of: path, to: .text("1"))
    }
  }

  // MARK: Data sets

  private func writeTables(to file: borrowing HDF5File) throws {
    for group in RunTables.groups {
      try file.createGroup(group.path)
      try file.setAttribute("long_name", of: group.path, to: .text(group.meaning))
    }
    try file.setAttribute("first_positions", of: "/tokens", to: .integer(Int64(description.strata.firstPositions)))
    try file.setAttribute("massive_multiple", of: "/tokens", to: .real(description.strata.massiveMultiple))
    if let medianNorm = description.strata.medianNorm {
      try file.setAttribute("median_norm", of: "/tokens", to: .real(medianNorm))
    }
    for column in RunTables.columns(reruns: description.reruns != nil) { try write(column, to: file) }
  }

  private func writeMeasurements(to file: borrowing HDF5File) throws {
    try RunLayout.createMeasurementGroups(in: file, columns)
    for column in columns { try write(column.stored, to: file, significantBits: significantBits) }
  }

  /// One pair's sums at a time are in memory: groups × features × 76 bytes.
  private func writeFeatureTables(to file: borrowing HDF5File) throws {
    guard let features = description.sae?.featureCount, let first = parts.first else { return }
    let norms = try FeaturePart.decoderNorms(of: HDF5File(reading: first))
    for pair in description.featurePairs ?? [] {
      let table: FeatureTable
      var groups: FeatureTotals?
      if let norms {
        var totals = FeatureTotals(featureCount: features)
        for part in parts {
          for unit in try FeaturePart.read(pair: pair.name, of: HDF5File(reading: part)) { totals.add(unit) }
        }
        table = totals.table(decoderNorms: norms)
        if description.featureGroups != nil { groups = totals }
      } else {
        // A run file that is copied has the tables already.
        table = try StoredFeatureTable.read(
          pair, featureCount: features, tokenCount: counts.tokens, from: HDF5File(reading: first))
      }
      try StoredFeatureTable.write(table, pair, significantBits: significantBits, to: file)
      if let groups { try StoredFeatureTable.write(groups, pair, to: file) }
    }
  }

  /// Streams a data set through the parts, holding at most one part and one stored chunk of it.
  private func write(
    _ column: StoredColumn, to file: borrowing HDF5File, significantBits: Int? = nil
  ) throws {
    let shape = [counts[column.axis]] + column.rowShape
    let rowBytes = column.rowCount * column.type.byteCount
    let chunkRows = HDF5File.chunkRows(shape: shape, type: column.type)
    let dataset = try file.createDataset(column.path, type: column.type, shape: shape)
    var pending: [UInt8] = []
    var firstRow = 0
    func writePending(rows: Int) throws {
      try pending.withUnsafeBytes { bytes in
        try file.writeRows(
          of: dataset, column.path, type: column.type, shape: shape, firstRow: firstRow, rows: rows,
          bytes: UnsafeRawBufferPointer(rebasing: bytes[..<(rows * rowBytes)]))
      }
      pending.removeFirst(rows * rowBytes)
      firstRow += rows
    }
    for part in parts {
      let source = try HDF5File(reading: part)
      var values = try source.readValues(column.path).values
      if let bits = significantBits { values.withMutableBytes { BitRound.round($0, column.type, bits: bits) } }
      values.withBytes { pending.append(contentsOf: $0) }
      let wholeRows = pending.count / rowBytes / chunkRows * chunkRows
      if wholeRows > 0 { try writePending(rows: wholeRows) }
    }
    if !pending.isEmpty { try writePending(rows: pending.count / rowBytes) }
    guard firstRow == shape[0] else {
      throw RunFileError.unequalRows(path: file.path, object: column.path, rows: firstRow, expected: shape[0])
    }
    try describe(column, in: file)
    if let bits = significantBits, column.type == .float32 || column.type == .float64 {
      try file.setAttribute("significant_bits", of: column.path, to: .integer(Int64(bits)))
    }
  }

  private func describe(_ column: StoredColumn, in file: borrowing HDF5File) throws {
    try file.setAttribute("unit", of: column.path, to: .text(column.unit))
    try file.setAttribute("long_name", of: column.path, to: .text(column.meaning))
    try file.setAttribute("axis", of: column.path, to: .text(column.axis.rawValue))
    if let definition = column.definition {
      try file.setAttribute("definition", of: column.path, to: .text(definition))
    }
    for (index, axis) in ([column.axis.rawValue] + column.rowAxes).enumerated() {
      try file.attachScale("/" + axis, to: column.path, axis: index)
    }
  }

  // MARK: Words

  private func writeTexts(to file: borrowing HDF5File) throws {
    try file.writeTexts([description.studyText], isScalar: true, to: "/study")
    try file.setAttribute("long_name", of: "/study", to: .text("The study file, character for character"))
    try file.writeTexts(description.corpus.sources, isScalar: false, to: "/sources")
    if !description.corpus.sources.isEmpty { try file.makeScale("/sources", named: "sources") }
    try file.setAttribute(
      "long_name", of: "/sources", to: .text("Labels of the text sources; /tokens/source indexes them"))
  }

  private func writeConditions(to file: borrowing HDF5File) throws {
    try file.createGroup("/conditions")
    for (order, condition) in description.measuredConditions.enumerated() {
      let group = RunSchema.conditionGroup(condition.name)
      try file.createGroup(group)
      try file.setAttribute("order", of: group, to: .integer(Int64(order)))
      try file.setAttribute("label", of: group, to: .text(condition.label))
      try file.setAttribute("kind", of: group, to: .text(condition.kind))
      try file.setAttribute("is_baseline", of: group, to: .integer(condition.isBaseline ? 1 : 0))
      try file.setAttribute(
        "effective_bits_per_parameter", of: group, to: .real(condition.effectiveBitsPerParameter))
      try file.setAttribute(
        "bits_per_compressed_parameter", of: group, to: .real(condition.bitsPerCompressedParameter))
      if let reference = condition.reference { try file.setAttribute("reference", of: group, to: .text(reference)) }
      if let original = condition.rerunOf {
        try file.setAttribute(RunSchema.rerunOf, of: group, to: .text(original))
      }
      if let checkpoint = condition.checkpoint {
        try file.setAttribute("origin", of: group, to: .text(condition.origin.rawValue))
        try file.setAttribute("checkpoint_files", of: group, to: .texts(checkpoint.files))
        try file.setAttribute("checkpoint_sha256", of: group, to: .text(checkpoint.sha256))
        try file.setAttribute("checkpoint_storage", of: group, to: .text(checkpoint.storage))
      }
      for parameter in condition.parameters {
        try file.setAttribute("parameter_\(parameter.key)", of: group, to: .text(parameter.value))
      }
    }
  }

  private func writeProvenance(to file: borrowing HDF5File) throws {
    let provenance = description.provenance
    let group = "/provenance"
    try file.createGroup(group)
    var attributes: [(String, AttributeValue)] = [
      ("clearbox_version", .text(provenance.clearboxVersion)), ("commit", .text(provenance.commit)),
      ("kernels", .text(provenance.kernels)), ("libraries", .texts(provenance.libraries)),
      ("checkpoint_files", .texts(description.model.checkpointFiles)),
      ("checkpoint_sha256", .text(description.model.checkpointSHA256)),
      ("tokenizer_sha256", .text(description.model.tokenizerSHA256)),
      ("corpus_files", .texts(description.corpus.files)), ("corpus_sha256", .text(description.corpus.sha256)),
      ("token_stream_sha256", .text(description.corpus.tokenStreamSHA256)),
    ]
    if let choice = provenance.kernelChoice { attributes.append(("kernel_choice", .text(choice))) }
    if let sae = description.sae { attributes.append(("sae_sha256", .text(sae.sha256))) }
    for (name, value) in attributes { try file.setAttribute(name, of: group, to: value) }
    try file.createGroup(RunSchema.volatileGroup)
    for (name, value) in VolatileProvenance(provenance).attributes {
      try file.setAttribute(name, of: RunSchema.volatileGroup, to: value)
    }
  }

  private func writeRootAttributes(to file: borrowing HDF5File) throws {
    let provenance = description.provenance
    var attributes: [(String, AttributeValue)] = [
      ("schema_name", .text(RunSchema.name)),
      ("schema_version", .integer(Int64(RunSchema.version(of: description, isSummary: summary != nil)))),
      ("created_by", .text("clearbox \(provenance.clearboxVersion) (\(provenance.commit))")),
      ("title", .text(description.title)), ("study_name", .text(description.study)),
      ("model", .text(description.model.name)), ("layer", .integer(Int64(description.model.layer))),
      ("d_model", .integer(Int64(description.model.dModel))),
      ("status", .text(isComplete ? "complete" : "partial")), ("seed", .text(String(description.seed))),
    ]
    if let sae = description.sae { attributes.append(("sae", .text(sae.name))) }
    do { attributes.append(("description", .text(try description.stableJSON()))) } catch {
      throw RunFileError.damagedDescription(path: file.path, reason: "\(error)")
    }
    for (name, value) in attributes { try file.setAttribute(name, of: "/", to: value) }
  }
}
