import CHDF5

/// What lies in a file, met by walking it: the one place where links are followed.
///
/// A run file is a tree of groups and data sets. What could lead out of the file, in a circle, or on without end is
/// refused: links that are not hard ones, a second link to an object, named types, names that are no names, deep nesting.
extension HDF5File {
  enum Kind { case group, dataset }

  private static let deepest = 16
  private static let mostObjects = 100_000

  /// Every object, the root first, in the order of their paths (UTF-8 bytes), its storage checked.
  ///
  /// - Throws: `RunFileError.refusedObject`; `HDF5Error` for a damaged file.
  func objects() throws -> [(path: String, kind: Kind)] {
    var storage = StorageCheck(fileBytes: FileShape.byteCount(path))
    var objects: [(path: String, kind: Kind)] = [("/", .group)]
    var seen: Set<haddr_t> = [try address(of: open("/"), "/")]
    var groups = [(path: "/", depth: 1)]
    while let (group, depth) = groups.popLast() {
      for name in try names(in: group) {
        let member = Self.path(of: name, in: group)
        guard objects.count < Self.mostObjects else {
          throw refused(group, "the file has more than \(Self.mostObjects) objects")
        }
        let opened = try open(member)
        guard seen.insert(try address(of: opened, member)).inserted else {
          throw refused(member, "a second link to an object that has another name already")
        }
        switch H5Iget_type(opened.id) {
        case H5I_GROUP:
          guard depth < Self.deepest else { throw refused(member, "groups are nested more than \(Self.deepest) deep") }
          objects.append((member, .group))
          groups.append((member, depth + 1))
        case H5I_DATASET:
          try storage.add(opened, member, of: self)
          objects.append((member, .dataset))
        default: throw refused(member, "it is neither a group nor a data set")
        }
      }
    }
    try storage.checkTotals(of: path)
    return objects.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
  }

  private static func path(of name: String, in group: String) -> String {
    group == "/" ? "/" + name : group + "/" + name
  }

  private func refused(_ object: String, _ reason: String) -> RunFileError {
    .refusedObject(path: path, object: object, reason: reason)
  }

  private func address(of opened: borrowing HDF5Handle, _ object: String) throws -> haddr_t {
    var address: haddr_t = 0
    guard chdf5_address(opened.id, &address) >= 0 else { throw HDF5Error.current("open", file: path, object: object) }
    return address
  }

  /// Names of a group's links, all of them hard.
  private func names(in group: String) throws -> [String] {
    final class Links {
      var list: [(name: String, kind: Int32)] = []
    }
    let opened = try open(group)
    let links = Links()
    let status = chdf5_visit_links(
      opened.id,
      { name, kind, context in
        guard let name, let context else { return 0 }
        let links = Unmanaged<Links>.fromOpaque(context).takeUnretainedValue()
        links.list.append((String(cString: name), kind))
        return links.list.count > HDF5File.mostObjects ? 1 : 0
      }, Unmanaged.passUnretained(links).toOpaque())
    guard status >= 0 else { throw HDF5Error.current("list", file: path, object: group) }
    guard status == 0 else { throw refused(group, "it has more than \(Self.mostObjects) members") }
    return try links.list.map { name, kind in
      guard RunSchema.isUsableName(name) else { throw refused(group, "a member's name cannot be one: “\(name)”") }
      switch kind {
      case H5L_TYPE_HARD.rawValue: return name
      case H5L_TYPE_SOFT.rawValue: throw refused(Self.path(of: name, in: group), "a soft link")
      case H5L_TYPE_EXTERNAL.rawValue: throw refused(Self.path(of: name, in: group), "a link to another file")
      default: throw refused(Self.path(of: name, in: group), "a link of an unknown kind")
      }
    }
  }
}
