import CHDF5

/// A run file that another program wrote, opened without trusting it: names, types, shapes and values as they lie there.
///
/// Whoever reads it checks it. `RunReader` is for files that clearbox wrote.
public struct UnverifiedRun: Sendable {
  public let path: String
  /// The root attribute `description`; nil when there is none.
  public let descriptionJSON: String?
  /// What `/provenance/volatile` says, by attribute; empty when there is no such group.
  public let volatileTexts: [String: String]
  public let volatileNumbers: [String: Double]
  /// The content hash that the file states; nil when it states none.
  public let contentSHA256: String?
  /// True for a summary run.
  public let isSummary: Bool
  /// Every data set, sorted by path.
  public let datasets: [Dataset]

  public struct Dataset: Sendable, Equatable {
    /// E.g. `/tokens/id`.
    public var path: String
    /// "int32", "int64", "float16", "text" …: what it is stored as.
    public var typeName: String
    /// Nil for a type that run files do not use.
    public var type: ColumnDefinition.ElementType? { ColumnDefinition.ElementType(rawValue: typeName) }
    public var shape: [Int]
    /// Attributes that are texts.
    public var attributes: [String: String]
  }

  /// - Throws: `RunFileError` for a file that is no HDF5 file, or does not say that it is a run file of a known schema;
  ///   `HDF5Error` when it is damaged.
  public static func open(_ path: String) throws -> UnverifiedRun {
    try FileShape.check(path)
    try FileSeal.check(path)
    return try HDF5Library.locked { try opened(path) }
  }

  private init(
    path: String, descriptionJSON: String?, volatileTexts: [String: String], volatileNumbers: [String: Double],
    contentSHA256: String?, isSummary: Bool, datasets: [Dataset]
  ) {
    self.path = path
    self.descriptionJSON = descriptionJSON
    self.volatileTexts = volatileTexts
    self.volatileNumbers = volatileNumbers
    self.contentSHA256 = contentSHA256
    self.isSummary = isSummary
    self.datasets = datasets
  }

  public func dataset(_ path: String) -> Dataset? { datasets.first { $0.path == path } }

  /// All values of a data set of numbers, row-major.
  public func values(_ dataset: Dataset) throws -> ColumnValues {
    try HDF5Library.locked {
      let file = try HDF5File(reading: path)
      return try file.readValues(dataset.path).values
    }
  }

  /// What the ids of its tokens say; nil where the file lacks that.
  ///
  /// - Throws: `RunFileError` where ids and texts are not as docs/run-file.md describes them.
  public func vocabulary() throws -> [Int32: String]? {
    try HDF5Library.locked { try VocabularyTable.read(from: HDF5File(reading: path)) }
  }

  /// SHA-256 of the logical content, as docs/run-file.md defines it.
  public func computedContentSHA256() throws -> String { try HDF5Library.locked { try ContentHash.compute(of: path) } }

  // MARK: Opening

  private static func opened(_ path: String) throws -> UnverifiedRun {
    let file = try StoredRun.opened(path)
    try GlobalHeap.check(path)
    try StoredRun.checkSchema(of: file)
    let objects = try file.objects()
    var (texts, numbers): ([String: String], [String: Double]) = ([:], [:])
    if file.exists(RunSchema.volatileGroup) {
      for name in try file.attributeNames(of: RunSchema.volatileGroup) {
        let value = try file.attribute(name, of: RunSchema.volatileGroup)
        texts[name] = value?.text
        numbers[name] = value?.real ?? value?.integer.map(Double.init)
      }
    }
    return UnverifiedRun(
      path: path, descriptionJSON: try file.attribute("description", of: "/")?.text, volatileTexts: texts,
      volatileNumbers: numbers, contentSHA256: try file.attribute(RunSchema.contentHash, of: "/")?.text,
      isSummary: file.exists(RunSchema.summary), datasets: try datasets(of: file, objects))
  }

  private static func datasets(
    of file: borrowing HDF5File, _ objects: [(path: String, kind: HDF5File.Kind)]
  ) throws -> [Dataset] {
    var datasets: [Dataset] = []
    for (path, kind) in objects where kind == .dataset {
      var attributes: [String: String] = [:]
      for attribute in try file.attributeNames(of: path) {
        attributes[attribute] = try file.attribute(attribute, of: path)?.text
      }
      datasets.append(
        Dataset(
          path: path, typeName: try file.typeName(of: path), shape: try file.describe(path).shape,
          attributes: attributes))
    }
    return datasets
  }
}

extension HDF5File {
  /// What a data set is stored as, in numpy's words where it has numbers: "int32", "uint8", "float64", "int64" …
  func typeName(of object: String) throws(HDF5Error) -> String {
    let dataset = try open(object)
    let type = try HDF5Handle(
      H5Dget_type(dataset.id), closing: H5Tclose, orThrow: .current("read", file: path, object: object))
    if let known = try describe(object).type { return known.rawValue }
    let bits = 8 * H5Tget_size(type.id)
    func named(_ name: String) -> String {
      ColumnDefinition.ElementType(rawValue: name) == nil ? name : name + " with its bits in another order"
    }
    return switch H5Tget_class(type.id) {
    case H5T_INTEGER: named((H5Tget_sign(type.id) == H5T_SGN_NONE ? "uint" : "int") + "\(bits)")
    case H5T_FLOAT: named("float\(bits)")
    case H5T_STRING: "text"
    default: "a type that is neither number nor text"
    }
  }
}
