extension [String] {
  /// As in a sentence: "a, b and c".
  package var listed: String { Prose.list(map { Prose($0) }).plain }
}

extension Sequence {
  /// Elements of one key together, keys in order of appearance.
  package func grouped<Key: Equatable>(by key: (Element) throws -> Key) rethrows -> [(key: Key, elements: [Element])] {
    var groups: [(key: Key, elements: [Element])] = []
    for element in self {
      let key = try key(element)
      if let index = groups.firstIndex(where: { $0.key == key }) {
        groups[index].elements.append(element)
      } else {
        groups.append((key, [element]))
      }
    }
    return groups
  }

  /// The first of each key, in order of appearance.
  package func distinct(by key: (Element) throws -> some Equatable) rethrows -> [Element] {
    try grouped(by: key).map { $0.elements[0] }
  }
}

extension Sequence where Element: Equatable {
  /// Each once, in order of appearance.
  package var distinct: [Element] { distinct { $0 } }
}
