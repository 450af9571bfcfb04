/// Sums by feature in a finished block's file: `/features/<pair>`, reduction units after one another. Call inside
/// `HDF5Library.locked`.
enum FeaturePart {
  private static let group = "/features"

  private static let norms = group + "/decoder_norm"

  static func write(_ features: BlockFeatures?, to file: borrowing HDF5File) throws {
    guard let features else { return }
    try file.createGroup(group)
    try write(.float32(features.decoderNorms), [features.decoderNorms.count], norms, to: file)
    for (pair, units) in features.pairs.sorted(by: { $0.key < $1.key }) {
      let path = "\(group)/\(pair)"
      try file.createGroup(path)
      let entries = units.reduce(0) { $0 + $1.keys.count }
      try write(.int32(units.map { Int32($0.keys.count) }), [units.count], "\(path)/entries", to: file)
      try write(
        .int32(units.flatMap(\.tokens)), [units.count, FeatureSums.groupCount], "\(path)/tokens", to: file)
      try writeWhole(units, path, to: file)
      // A data set without rows has no chunks to be stored in.
      if entries == 0 { continue }
      try write(.int32(units.flatMap(\.keys)), [entries], "\(path)/keys", to: file)
      try write(.int32(units.flatMap(\.counts)), [entries, FeatureSums.countWidth], "\(path)/counts", to: file)
      try write(.float64(units.flatMap(\.sums)), [entries, FeatureSums.sumWidth], "\(path)/sums", to: file)
      try write(.float32(units.flatMap(\.peaks)), [entries, FeatureSums.peakWidth], "\(path)/peaks", to: file)
    }
  }

  /// What units say of all features together; those of a block are alike in having it.
  private static func writeWhole(_ units: [FeatureSums], _ path: String, to file: borrowing HDF5File) throws {
    let (flips, sums) = (units.flatMap(\.flips.counts), units.flatMap(\.shift.sum))
    try write(
      .int32(units.flatMap { [Int32($0.flips.counts.count), Int32($0.shift.sum.count)] }), [units.count, 2],
      "\(path)/widths", to: file)
    if !flips.isEmpty { try write(.int32(flips), [flips.count], "\(path)/flips", to: file) }
    if sums.isEmpty { return }
    try write(.float64(units.map(\.shift.squaredLength)), [units.count], "\(path)/squared_shift", to: file)
    try write(.float64(sums), [sums.count], "\(path)/shift", to: file)
    let sketches = units.flatMap(\.shift.sketch)
    try write(.float64(sketches), [sketches.count], "\(path)/sketch", to: file)
  }

  private static func readWhole(
    _ path: String, units: Int, of file: borrowing HDF5File
  ) throws -> [(flips: FlipCounts, shift: ShiftMoments)] {
    // A part of an earlier version.
    guard file.exists("\(path)/widths") else { return Array(repeating: (FlipCounts(), ShiftMoments()), count: units) }
    func values(_ name: String) throws -> ColumnValues? {
      file.exists("\(path)/\(name)") ? try file.readValues("\(path)/\(name)").values : nil
    }
    let widths = (try values("widths")?.int32s ?? []).map(Int.init)
    let (flips, squared) = (try values("flips")?.int32s ?? [], try values("squared_shift")?.float64s ?? [])
    let (sums, sketches) = (try values("shift")?.float64s ?? [], try values("sketch")?.float64s ?? [])
    let k = ShiftMoments.sketchWidth
    let flipWidth = FeatureSums.groupCount * FlipCounts.width
    let isWhole =
      widths.count == 2 * units
      && (0..<units).allSatisfy { (widths[2 * $0] == 0 || widths[2 * $0] == flipWidth) && widths[2 * $0 + 1] >= 0 }
    guard isWhole, flips.count == (0..<units).reduce(0, { $0 + widths[2 * $1] }),
      sums.count == (0..<units).reduce(0, { $0 + widths[2 * $1 + 1] }), sketches.count == k * sums.count,
      sums.isEmpty || squared.count == units
    else {
      throw RunFileError.impossible(
        path: file.path, object: "\(path)/widths", reason: "its rows do not fit the reduction units")
    }
    var (flip, place) = (0, 0)
    return (0..<units).map { unit in
      let (flipWidth, width) = (widths[2 * unit], widths[2 * unit + 1])
      defer { (flip, place) = (flip + flipWidth, place + width) }
      return (
        FlipCounts(counts: Array(flips[flip..<flip + flipWidth])),
        width == 0
          ? ShiftMoments()
          : ShiftMoments(
            squaredLength: squared[unit], sum: Array(sums[place..<place + width]),
            sketch: Array(sketches[k * place..<k * (place + width)]))
      )
    }
  }

  private static func write(
    _ values: ColumnValues, _ shape: [Int], _ path: String, to file: borrowing HDF5File
  ) throws {
    let dataset = try file.createDataset(path, type: values.type, shape: shape)
    try values.withBytes { bytes in
      try file.writeRows(
        of: dataset, path, type: values.type, shape: shape, firstRow: 0, rows: shape[0], bytes: bytes)
    }
  }

  /// ‖W_dec‖ by feature; nil for a file that is no part, or has no sums by feature.
  static func decoderNorms(of file: borrowing HDF5File) throws -> [Float]? {
    file.exists(norms) ? try file.readValues(norms).values.float32s : nil
  }

  /// Reads everything, so that damage anywhere is an error.
  static func check(_ file: borrowing HDF5File) throws {
    guard try decoderNorms(of: file) != nil else { return }
    for (path, kind) in try file.objects() where kind == .group && path.hasPrefix(group + "/") {
      _ = try read(path, of: file)
    }
  }

  /// A pair's units.
  static func read(pair: String, of file: borrowing HDF5File) throws -> [FeatureSums] {
    try read("\(group)/\(pair)", of: file)
  }

  private static func read(_ path: String, of file: borrowing HDF5File) throws -> [FeatureSums] {
    func unfit(_ name: String) -> RunFileError {
      .impossible(path: file.path, object: "\(path)/\(name)", reason: "its rows do not fit the reduction units")
    }
    // No token of the pair in this block.
    guard file.exists(path) else { return [] }
    let entries = (try file.readValues("\(path)/entries").values.int32s ?? []).map(Int.init)
    let tokens = try file.readValues("\(path)/tokens").values.int32s ?? []
    guard entries.allSatisfy({ $0 >= 0 }), tokens.count == entries.count * FeatureSums.groupCount else {
      throw unfit("entries")
    }
    let all = entries.reduce(0, +)
    func values(_ name: String, _ width: Int) throws -> ColumnValues? {
      if all == 0 { return nil }
      let values = try file.readValues("\(path)/\(name)").values
      guard values.count == all * width else { throw unfit(name) }
      return values
    }
    let keys = try values("keys", 1)?.int32s ?? []
    let counts = try values("counts", FeatureSums.countWidth)?.int32s ?? []
    let sums = try values("sums", FeatureSums.sumWidth)?.float64s ?? []
    let peaks = try values("peaks", FeatureSums.peakWidth)?.float32s ?? []
    guard keys.count == all, counts.count == all * FeatureSums.countWidth, sums.count == all * FeatureSums.sumWidth,
      peaks.count == all * FeatureSums.peakWidth
    else { throw unfit("keys") }
    let whole = try readWhole(path, units: entries.count, of: file)
    var first = 0
    return entries.enumerated().map { unit, count in
      defer { first += count }
      func rows<Number>(_ values: [Number], _ width: Int) -> [Number] {
        Array(values[first * width..<(first + count) * width])
      }
      return FeatureSums(
        keys: rows(keys, 1), counts: rows(counts, FeatureSums.countWidth), sums: rows(sums, FeatureSums.sumWidth),
        peaks: rows(peaks, FeatureSums.peakWidth),
        tokens: Array(tokens[unit * FeatureSums.groupCount..<(unit + 1) * FeatureSums.groupCount]),
        flips: whole[unit].flips, shift: whole[unit].shift)
    }
  }
}
