/// The order in which a line's characters stand on paper, from left to right.
///
/// Labels are short and run from left to right as a whole, with words from right to left in them: what stands from the
/// first to the last letter of such a script is turned round, numbers and Latin words in it are not (the Unicode
/// Bidirectional Algorithm, UAX #9, for one level of embedding).
enum VisualOrder {
  /// - Parameter has: whether a font has a character, such as an Arabic letter's joined form.
  static func scalars(of text: String, has: (Unicode.Scalar) -> Bool) -> [Unicode.Scalar] {
    let scalars = Array(text.unicodeScalars)
    guard scalars.contains(where: isRightToLeft) else { return scalars }
    let joined = ArabicForms.joined(scalars, has: has)
    var result: [Unicode.Scalar] = []
    var place = 0
    while place < joined.count {
      guard isRightToLeft(joined[place]) else {
        result.append(joined[place])
        place += 1
        continue
      }
      var end = place + 1
      for next in end..<max(end, joined.count) {
        if isRightToLeft(joined[next]) { end = next + 1 } else if isLeftToRight(joined[next]) { break }
      }
      result += turned(Array(joined[place..<end]))
      place = end
    }
    return result
  }

  /// Back to front, but marks stay behind their letters, and digits in their order; brackets are mirrored.
  private static func turned(_ run: [Unicode.Scalar]) -> [Unicode.Scalar] {
    var units: [[Unicode.Scalar]] = []
    for scalar in run {
      let belongs =
        scalar.properties.canonicalCombiningClass != .notReordered
        || units.last?.last.map { isOfNumber($0) && isOfNumber(scalar) } ?? false
      if belongs, !units.isEmpty { units[units.count - 1].append(scalar) } else { units.append([scalar]) }
    }
    return units.reversed().flatMap { $0 }.map { mirrored[$0] ?? $0 }
  }

  private static let mirrored: [Unicode.Scalar: Unicode.Scalar] = [
    "(": ")", ")": "(", "[": "]", "]": "[", "{": "}", "}": "{", "<": ">", ">": "<", "«": "»", "»": "«",
  ]

  private static func isOfNumber(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.generalCategory == .decimalNumber || scalar == "." || scalar == ","
  }

  /// Hebrew, Arabic, Syriac, Thaana, NKo and their neighbours, and the Arabic presentation forms; digits are not.
  private static func isRightToLeft(_ scalar: Unicode.Scalar) -> Bool {
    guard scalar.properties.generalCategory != .decimalNumber else { return false }
    return switch scalar.value {
    case 0x590...0x8FF, 0xFB1D...0xFDFF, 0xFE70...0xFEFC, 0x10800...0x10FFF, 0x1E800...0x1EFFF: true
    default: false
    }
  }

  private static func isLeftToRight(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.isAlphabetic && !isRightToLeft(scalar)
  }
}

/// Arabic letters in the forms that they have among their neighbours: Unicode's Arabic Presentation Forms-B.
enum ArabicForms {
  /// The first form of each letter from U+0621 on, and how many there are: alone, at the end, at the beginning, inside.
  private static let forms: [UInt32: (first: UInt32, count: UInt32)] = {
    var forms: [UInt32: (first: UInt32, count: UInt32)] = [:]
    var next: UInt32 = 0xFE80
    let counts: [UInt32] = [1, 2, 2, 2, 2, 4, 2, 4, 2, 4, 4, 4, 4, 4, 2, 2, 2, 2] + [4, 4, 4, 4, 4, 4, 4, 4]
    for (letter, count) in zip(UInt32(0x621)..., counts) {
      forms[letter] = (next, count)
      next += count
    }
    for (letter, count) in zip(UInt32(0x641)..., [4, 4, 4, 4, 4, 4, 4, 2, 2, 4] as [UInt32]) {
      forms[letter] = (next, count)
      next += count
    }
    return forms
  }()

  /// Lam with each alef makes one letter.
  private static let alefs: [UInt32: UInt32] = [0x622: 0xFEF5, 0x623: 0xFEF7, 0x625: 0xFEF9, 0x627: 0xFEFB]

  static func joined(_ text: [Unicode.Scalar], has: (Unicode.Scalar) -> Bool) -> [Unicode.Scalar] {
    func isMark(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.generalCategory == .nonspacingMark }
    func joinsOn(_ scalar: Unicode.Scalar?) -> Bool {
      scalar.map { forms[$0.value]?.count == 4 || $0.value == 0x640 } ?? false
    }
    func joinsBack(_ scalar: Unicode.Scalar?) -> Bool {
      scalar.map { (forms[$0.value]?.count ?? 0) > 1 || $0.value == 0x640 } ?? false
    }
    var result: [Unicode.Scalar] = []
    var before: Unicode.Scalar?
    var place = 0
    while place < text.count {
      let scalar = text[place]
      let next = text[(place + 1)...].first { !isMark($0) }
      place += 1
      if isMark(scalar) {
        result.append(scalar)
        continue
      }
      if scalar.value == 0x644, place < text.count, let ligature = alefs[text[place].value],
        let form = Unicode.Scalar(ligature + (joinsOn(before) ? 1 : 0)), has(form)
      {
        result.append(form)
        place += 1
        // An alef joins no further.
        before = nil
        continue
      }
      let last = before
      before = scalar
      guard let known = forms[scalar.value] else {
        result.append(scalar)
        continue
      }
      let (back, on) = (joinsBack(scalar) && joinsOn(last), known.count == 4 && joinsBack(next))
      let form = Unicode.Scalar(known.first + (back ? (on ? 3 : 1) : (on ? 2 : 0)))
      result.append(form.flatMap { has($0) ? $0 : nil } ?? scalar)
    }
    return result
  }
}
