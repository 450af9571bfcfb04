/// Integer codes in words of 32 bits, a scale and perhaps a zero point for each group of inputs in a row:
/// w = scale·(code − zero), rounded to the scales' number format as PyTorch rounds such a product.
struct IntegerGroups: PackedWeight {
  let name: String
  let rows: Int
  let columns: Int
  let format: String
  let tensors: [RawTensor]
  var arithmetic = ShippedArithmetic.weightsAlone

  /// How codes lie in words.
  enum Layout: Sendable {
    /// compressed-tensors: words run along a row, codes dense from the lowest bit; zero points along the rows of a group.
    case byRow
    /// GPTQ: words run down the inputs of an output; zero points along the outputs of a group. `addsOne`: the file has zero
    /// points less one.
    case byInput(addsOne: Bool)
    /// AWQ: eight outputs of one input in a word, in the order of `awqPlaces`; zero points likewise.
    case awq
  }

  private let layout: Layout
  private let bits: Int
  private let codes: RawTensor
  private let scales: RawTensor
  private let zeros: RawTensor?
  /// The group of each input; nil for groups of neighbours.
  private let groups: [Int32]?
  private let groupSize: Int
  private let groupCount: Int
  private let rounding: Rounding
  /// What a code is less where there are no zero points.
  private let middle: Int

  /// Places in a word of its eight columns: AWQ packs the columns 0, 2, 4, 6, 1, 3, 5, 7 in this order.
  private static let awqPlaces = [0, 4, 1, 5, 2, 6, 3, 7]

  init(
    name: String, shape: [Int], format: String, layout: Layout, bits: Int, codes: RawTensor, scales: RawTensor,
    zeros: RawTensor?, groups: RawTensor?, groupCount: Int, others: [RawTensor] = []
  ) throws {
    self.name = name
    (rows, columns) = (shape[0], shape[1])
    self.layout = layout
    self.bits = bits
    self.codes = codes
    self.scales = scales
    self.zeros = zeros
    self.groupCount = groupCount
    let groupSize = columns / groupCount
    self.groupSize = groupSize
    rounding = Rounding(scales.type) ?? .f32
    middle = 1 << (bits - 1)
    tensors = [codes, scales] + [zeros, groups].compactMap(\.self) + others
    self.format =
      "\(format), \(bits)-bit" + (groupCount == 1 ? "" : " in groups of \(groupSize)")
      + (zeros == nil ? "" : ", zero points")
    self.groups = if let groups { try Self.order(groups, columns: shape[1], groupCount: groupCount) } else { nil }
  }

  /// The group of each input; nil for groups of neighbours, and for -1 throughout, which compressed-tensors wrote where there
  /// was no order.
  private static func order(_ groups: RawTensor, columns: Int, groupCount: Int) throws -> [Int32]? {
    func damaged(_ reason: String) -> CheckpointError {
      .damaged(path: groups.file.path, reason: "\(groups.name) \(reason)")
    }
    guard groups.count == columns else {
      throw damaged("has \(groups.count) numbers; one for each of \(columns) inputs is needed")
    }
    let order = (0..<columns).map(groups.integer)
    if order.allSatisfy({ $0 == -1 }) { return nil }
    guard let last = order.first(where: { !(0..<groupCount ~= $0) }) else {
      let groupSize = columns / groupCount
      return order.enumerated().allSatisfy { $1 == $0 / groupSize } ? nil : order.map(Int32.init)
    }
    throw damaged("names a group that is none of \(groupCount): \(last)")
  }

  func decode(_ row: Int, into out: UnsafeMutablePointer<Float>) {
    var (group, scale, zero) = (-1, Float(0), 0)
    for column in 0..<columns {
      let own = groups.map { Int($0[column]) } ?? column / groupSize
      if own != group {
        group = own
        scale = self.scale(row, group)
        zero = self.zero(row, group)
      }
      out[column] = rounding(Float(code(row, column) - zero) * scale)
    }
  }

  private func scale(_ row: Int, _ group: Int) -> Float {
    if case .byRow = layout { return scales.float(scales.count == 1 ? 0 : row * groupCount + group) }
    return scales.float(group * rows + row)
  }

  @inline(__always)
  private func code(_ row: Int, _ column: Int) -> Int {
    switch layout {
    case .byRow: field(column, of: codes, from: row * ((columns * bits + 31) / 32), step: 1)
    case .byInput: field(column, of: codes, from: row, step: rows)
    case .awq: Self.awqField(row, of: codes, from: column * (rows / 8))
    }
  }

  private func zero(_ row: Int, _ group: Int) -> Int {
    guard let zeros else { return middle }
    switch layout {
    case .byRow: return field(row, of: zeros, from: group, step: groupCount)
    case .byInput(let addsOne):
      let first = group * (rows * bits / 32)
      if !addsOne { return field(row, of: zeros, from: first, step: 1) }
      // The file's words are the true ones less one in every field, borrows included; of 3 bits each field is by itself.
      if bits == 3 { return (field(row, of: zeros, from: first, step: 1) + 1) & 7 }
      let ones = (0..<32 / bits).reduce(UInt32(0)) { $0 | 1 << UInt32($1 * bits) }
      let word = zeros.word(first + row * bits / 32) &+ ones
      return Int(word >> UInt32(row * bits % 32) & (1 << UInt32(bits) - 1))
    case .awq: return Self.awqField(row, of: zeros, from: group * (rows / 8))
    }
  }

  /// The field of so many bits at a place of a dense stream, whose words lie `step` words apart.
  @inline(__always)
  private func field(_ index: Int, of tensor: RawTensor, from first: Int, step: Int) -> Int {
    let bit = index &* bits
    let (word, shift) = (bit &>> 5, UInt32(truncatingIfNeeded: bit & 31))
    var value = tensor.word(first &+ word &* step) &>> shift
    if Int(shift) &+ bits > 32 { value |= tensor.word(first &+ (word &+ 1) &* step) &<< (32 &- shift) }
    return Int(value & (1 &<< UInt32(truncatingIfNeeded: bits) &- 1))
  }

  private static func awqField(_ index: Int, of tensor: RawTensor, from first: Int) -> Int {
    Int(tensor.word(first + index / 8) >> UInt32(4 * awqPlaces[index % 8]) & 15)
  }
}
