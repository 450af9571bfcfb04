import CHDF5

/// A scalar attribute or an attribute with a list of texts.
enum AttributeValue: Equatable {
  case text(String)
  case texts([String])
  case integer(Int64)
  case real(Double)

  // MATLAB, R and Julia write arrays of one element for single values, and MATLAB all numbers as doubles.

  var text: String? {
    switch self {
    case .text(let value): value
    case .texts(let values) where values.count == 1: values[0]
    default: nil
    }
  }
  var texts: [String]? {
    switch self {
    case .text(let value): [value]
    case .texts(let values): values
    default: nil
    }
  }
  var integer: Int64? {
    switch self {
    case .integer(let value): value
    case .real(let value): Int64(exactly: value)
    default: nil
    }
  }
  var real: Double? { if case .real(let value) = self { value } else { nil } }
}

extension HDF5File {
  /// Adds an attribute to the object at `object`.
  func setAttribute(_ name: String, of object: String, to value: AttributeValue) throws(HDF5Error) {
    let opened = try open(object)
    let shown = object + "@" + name
    func create(_ type: hid_t, _ shape: [Int]) throws(HDF5Error) -> HDF5Handle {
      let space = try HDF5Handle.dataspace(shape, file: path, object: shown)
      return try HDF5Handle(
        H5Acreate2(opened.id, name, type, space.id, chdf5_H5P_DEFAULT(), chdf5_H5P_DEFAULT()), closing: H5Aclose,
        orThrow: .current("create the attribute", file: path, object: shown))
    }
    let status: herr_t
    switch value {
    case .integer(var number):
      let attribute = try create(chdf5_H5T_STD_I64LE(), [])
      status = H5Awrite(attribute.id, chdf5_H5T_NATIVE_INT64(), &number)
    case .real(var number):
      let attribute = try create(chdf5_H5T_IEEE_F64LE(), [])
      status = H5Awrite(attribute.id, chdf5_H5T_NATIVE_DOUBLE(), &number)
    case .text(let text):
      let type = try HDF5Handle.stringType(file: path, object: shown)
      let attribute = try create(type.id, [])
      status = withCStrings([text]) { H5Awrite(attribute.id, type.id, $0) }
    case .texts(let texts):
      let type = try HDF5Handle.stringType(file: path, object: shown)
      let attribute = try create(type.id, [texts.count])
      status = texts.isEmpty ? 0 : withCStrings(texts) { H5Awrite(attribute.id, type.id, $0) }
    }
    guard status >= 0 else { throw .current("write the attribute", file: path, object: shown) }
  }

  /// An attribute's value; nil when the object has none of this name, or one of a kind that clearbox never writes.
  func attribute(_ name: String, of object: String) throws(HDF5Error) -> AttributeValue? {
    let opened = try open(object)
    let found = H5Aexists(opened.id, name)
    if found == 0 { return nil }
    guard found > 0 else { throw .current("read the attribute", file: path, object: object + "@" + name) }
    let shown = object + "@" + name
    let attribute = try HDF5Handle(
      H5Aopen(opened.id, name, chdf5_H5P_DEFAULT()), closing: H5Aclose,
      orThrow: .current("read the attribute", file: path, object: shown))
    let type = try HDF5Handle(
      H5Aget_type(attribute.id), closing: H5Tclose,
      orThrow: .current("read the attribute", file: path, object: shown))
    let space = try HDF5Handle(
      H5Aget_space(attribute.id), closing: H5Sclose,
      orThrow: .current("read the attribute", file: path, object: shown))
    let isScalar = H5Sget_simple_extent_type(space.id) == H5S_SCALAR
    let count = Int(H5Sget_simple_extent_npoints(space.id))
    switch H5Tget_class(type.id) {
    case H5T_INTEGER where count == 1:
      var number: Int64 = 0
      guard H5Aread(attribute.id, chdf5_H5T_NATIVE_INT64(), &number) >= 0 else { break }
      return .integer(number)
    case H5T_FLOAT where count == 1:
      var number = 0.0
      guard H5Aread(attribute.id, chdf5_H5T_NATIVE_DOUBLE(), &number) >= 0 else { break }
      return .real(number)
    case H5T_STRING where H5Tis_variable_str(type.id) > 0:
      let memory = try HDF5Handle.stringType(file: path, object: shown)
      // Each takes 16 bytes of the file.
      guard
        count >= 0, count <= FileShape.byteCount(path) / 16,
        let texts = readCStrings(
          count: count, type: memory.id, space: space.id, { H5Aread(attribute.id, memory.id, $0) })
      else { break }
      return isScalar ? .text(texts[0]) : .texts(texts)
    case H5T_STRING:
      let length = H5Tget_size(type.id)
      guard count >= 0, length > 0, count <= FileShape.byteCount(path) / length else { break }
      var bytes = [UInt8](repeating: 0, count: count * length)
      guard H5Aread(attribute.id, type.id, &bytes) >= 0 else { break }
      let isPaddedWithSpaces = H5Tget_strpad(type.id) == H5T_STR_SPACEPAD
      let texts = (0..<count).map { index in
        let own = bytes[index * length..<(index + 1) * length]
        let text = String(decoding: own.prefix { $0 != 0 }, as: UTF8.self)
        return isPaddedWithSpaces ? String(text.reversed().drop { $0 == " " }.reversed()) : text
      }
      return isScalar ? .text(texts[0]) : .texts(texts)
    default:
      return nil
    }
    throw .current("read the attribute", file: path, object: shown)
  }

  /// Names of an object's attributes, sorted.
  func attributeNames(of object: String) throws(HDF5Error) -> [String] {
    final class Collector { var names: [String] = [] }
    let opened = try open(object)
    let collector = Collector()
    let status = H5Aiterate2(
      opened.id, H5_INDEX_NAME, H5_ITER_NATIVE, nil,
      { _, name, _, context in
        if let name, let context {
          Unmanaged<Collector>.fromOpaque(context).takeUnretainedValue().names.append(String(cString: name))
        }
        return 0
      }, Unmanaged.passUnretained(collector).toOpaque())
    guard status >= 0 else { throw .current("list the attributes of", file: path, object: object) }
    return collector.names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }
}

/// Calls `body` with the texts as an array of zero-terminated UTF-8 pointers, as HDF5's variable-length text wants it.
func withCStrings<Result>(_ texts: [String], _ body: (UnsafeRawPointer) -> Result) -> Result {
  var bytes: [CChar] = []
  let offsets = texts.map { text in
    defer {
      bytes.append(contentsOf: text.utf8.map { CChar(bitPattern: $0) })
      bytes.append(0)
    }
    return bytes.count
  }
  return bytes.withUnsafeBufferPointer { buffer in
    let pointers = offsets.map { offset in buffer.baseAddress.map { $0 + offset } }
    return pointers.withUnsafeBytes { body($0.baseAddress!) }
  }
}

/// Reads `count` variable-length texts by `read` and gives their memory back to the library; nil when `read` failed.
func readCStrings(
  count: Int, type: hid_t, space: hid_t, _ read: (UnsafeMutableRawPointer) -> herr_t
) -> [String]? {
  guard count > 0 else { return [] }
  var pointers = [UnsafeMutablePointer<CChar>?](repeating: nil, count: count)
  return pointers.withUnsafeMutableBytes { buffer in
    guard let base = buffer.baseAddress, read(base) >= 0 else { return nil }
    defer { _ = H5Dvlen_reclaim(type, space, chdf5_H5P_DEFAULT(), base) }
    return buffer.bindMemory(to: UnsafeMutablePointer<CChar>?.self).map { $0.map { String(cString: $0) } ?? "" }
  }
}
