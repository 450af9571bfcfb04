/// Places for labels that cover neither each other nor the data.
package enum LabelPlacement {
  /// Spreads labels along a line: each as near to its wish as the gaps allow, in the order of the wishes.
  ///
  /// Labels that would overlap form a group, which is centred on the mean of its wishes; groups that then touch merge.
  /// - Parameters:
  ///   - wishes: centres wanted.
  ///   - lengths: of the labels along the line.
  ///   - bounds: where labels may be; labels that do not fit together overflow its upper end.
  /// - Returns: centres, in the order of `wishes`.
  package static func spread(_ wishes: [Points], lengths: [Points], gap: Points, within bounds: ClosedRange<Points>)
    -> [Points]
  {
    struct Group {
      var members: [Int]
      var center: Points
      var length: Points
    }
    let order = wishes.indices.sorted { (wishes[$0], $0) < (wishes[$1], $1) }
    func grouped(_ members: [Int]) -> Group {
      let length = members.map { lengths[$0] + gap }.reduce(.zero, +) - gap
      // The centre that brings every label as near to its wish as the others allow.
      var start: Points = 0
      var sum: Points = 0
      for member in members {
        sum += wishes[member] - (start + lengths[member] / 2.0)
        start += lengths[member] + gap
      }
      let left = sum / Double(members.count)
      let clamped = max(bounds.lowerBound, min(left, bounds.upperBound - length))
      return Group(members: members, center: clamped + length / 2.0, length: length)
    }
    var groups: [Group] = []
    for index in order {
      var group = grouped([index])
      while let last = groups.last, last.center + last.length / 2.0 + gap > group.center - group.length / 2.0 {
        groups.removeLast()
        group = grouped(last.members + group.members)
      }
      groups.append(group)
    }
    var centers = wishes
    for group in groups {
      var start = group.center - group.length / 2.0
      for member in group.members {
        centers[member] = start + lengths[member] / 2.0
        start += lengths[member] + gap
      }
    }
    return centers
  }

  /// Where around a marker a text covers least: right, left, above, below, then the corners.
  ///
  /// - Parameters:
  ///   - anchor: the marker together with its interval: words stand clear of both.
  ///   - center: the marker's centre, with which words at the sides are level.
  ///   - measured: the text at any place; only its size counts.
  ///   - never: boxes that must stay free.
  ///   - rather: boxes to cover only where there is no other place.
  ///   - bounds: where it must stay.
  ///   - isLevel: keeps the words level with the marker, as rows of categories need: right, left, or right past what
  ///     crosses the row.
  /// - Returns: nil where every place is taken.
  static func beside(
    _ anchor: Box, center: Position, text measured: PlacedText, never: [Box], rather: [Box] = [], within bounds: Box,
    isLevel: Bool = false
  ) -> PlacedText? {
    let size = measured.box
    let cap = measured.style.size * TextStyle.capHeight
    let gap: Points = 2.5
    let centered = center.x - size.width / 2.0
    let level = center.y + cap / 2.0
    let above = anchor.top - gap
    let below = anchor.bottom + gap + cap
    var origins = [
      Position(anchor.right + gap, level), Position(anchor.left - gap - size.width, level),
      Position(centered, above), Position(centered, below),
      Position(anchor.right, above), Position(anchor.right, below),
      Position(anchor.left - size.width, above), Position(anchor.left - size.width, below),
      Position(centered, above - size.height), Position(centered, below + size.height),
      Position(anchor.right + gap, level - size.height), Position(anchor.right + gap, level + size.height),
    ]
    if isLevel {
      var past = origins[0].x
      for box in never.sorted(by: { $0.left < $1.left }) where box.top < level && box.bottom > level - cap {
        if box.left < past + size.width + gap, box.right > past - gap { past = box.right + gap }
      }
      origins = [origins[0], origins[1], Position(past, level)]
    }
    var best: PlacedText?
    var least = Double.infinity
    for (rank, origin) in origins.enumerated() {
      var candidate = measured
      candidate.origin = origin
      let box = candidate.box
      guard bounds.contains(box), !never.contains(where: { $0.intersects(box) }) else { continue }
      let cost = Double(rank) * 0.01 + rather.map { overlap(box, $0) }.reduce(0, +)
      if cost < least {
        least = cost
        best = candidate
      }
    }
    return best
  }

  private static func overlap(_ a: Box, _ b: Box) -> Double {
    let width = min(a.right, b.right) - max(a.left, b.left)
    let height = min(a.bottom, b.bottom) - max(a.top, b.top)
    return width > 0 && height > 0 ? 1 + width.value * height.value : 0
  }
}
