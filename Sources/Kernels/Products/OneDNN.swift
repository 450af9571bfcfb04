#if ONEDNN
  import COneDNN
  import Synchronization

  /// A failed call of oneDNN, with the call's name and the library's status.
  public struct OneDNNError: Error, CustomStringConvertible, Sendable {
    public let call: String
    public let status: Int
    public var description: String {
      "oneDNN: \(call) returned status \(status). Give --kernels portable to compute with clearbox's own kernels instead."
    }
  }

  extension ElementType {
    /// As oneDNN names it.
    var dnnl: dnnl_data_type_t {
      switch self {
      case .bf16: dnnl_bf16
      case .f32: dnnl_f32
      case .s8: dnnl_s8
      case .s32: dnnl_s32
      }
    }
  }

  /// oneDNN's CPU engine and its compiled products.
  ///
  /// Every product runs on the calling thread alone: outer loops are parallel over disjoint rows, so results do not
  /// depend on the number of threads, and libgomp's pool never competes with Dispatch's.
  ///
  /// Unchecked: oneDNN's engines may be used by several threads, and the cache has a lock.
  final class OneDNN: @unchecked Sendable {
    let engine: dnnl_engine_t
    private let cache = Mutex<[ProductKey: CompiledProduct]>([:])

    private static let made = Mutex<OneDNN?>(nil)

    /// The process's one engine.
    static func instance() throws -> OneDNN {
      if let made = made.withLock({ $0 }) { return made }
      let fresh = try OneDNN()
      return made.withLock { slot in
        if let other = slot { return other }
        slot = fresh
        return fresh
      }
    }

    private init() throws {
      var engine: dnnl_engine_t?
      try Self.check("dnnl_engine_create", dnnl_engine_create(&engine, dnnl_cpu, 0))
      self.engine = engine!
    }

    static var version: String {
      let v = dnnl_version().pointee
      return "oneDNN \(v.major).\(v.minor).\(v.patch)"
    }

    static func check(_ call: String, _ status: dnnl_status_t) throws {
      if status != dnnl_success { throw OneDNNError(call: call, status: Int(status.rawValue)) }
    }

    /// A product that is compiled once per shape.
    func product(_ key: ProductKey, weights: dnnl_memory_desc_t? = nil) throws -> CompiledProduct {
      if let found = cache.withLock({ $0[key] }) { return found }
      omp_set_num_threads(1)
      let made = try CompiledProduct(key, weights: weights, engine: engine)
      return cache.withLock { cache in
        if let other = cache[key] { return other }
        cache[key] = made
        return made
      }
    }
  }

  /// What a compiled product depends on.
  struct ProductKey: Hashable, Sendable {
    enum Weights: Hashable, Sendable {
      /// In the layout that the library chose for this product; packed ahead.
      case packed
      /// [N, K] in memory, rows `stride` elements apart: the product is with the transpose.
      case rowsOfN(stride: Int)
      /// [K, N] in memory, rows `stride` elements apart.
      case rowsOfK(stride: Int)
    }
    var m: Int
    var n: Int
    var k: Int
    var input: ElementType
    var output: ElementType
    var inputStride: Int
    var outputStride: Int
    var weights: Weights
  }

  /// One compiled matrix product out[M, N] = x[M, K] · W.
  ///
  /// Unchecked: nothing changes after it is made, and oneDNN's primitives may run on several threads.
  final class CompiledProduct: @unchecked Sendable {
    let primitive: dnnl_primitive_t
    let inputLayout: dnnl_memory_desc_t
    let weightsLayout: dnnl_memory_desc_t
    let outputLayout: dnnl_memory_desc_t
    let scratchLayout: dnnl_memory_desc_t
    let scratchBytes: Int
    /// The library's name of the kernel, e.g. "brg:avx512_core_bf16".
    let implementation: String

    init(_ key: ProductKey, weights packed: dnnl_memory_desc_t?, engine: dnnl_engine_t) throws {
      func layout(_ rows: Int, _ columns: Int, _ strides: (Int, Int), _ type: ElementType) throws
        -> dnnl_memory_desc_t
      {
        var layout = dnnl_memory_desc_t()
        let dims = [Int64(rows), Int64(columns)]
        let steps = [Int64(strides.0), Int64(strides.1)]
        try OneDNN.check(
          "dnnl_memory_desc_init_by_strides",
          dnnl_memory_desc_init_by_strides(&layout, 2, dims, type.dnnl, steps))
        return layout
      }
      var source = try layout(key.m, key.k, (key.inputStride, 1), key.input)
      var destination = try layout(key.m, key.n, (key.outputStride, 1), key.output)
      var weights: dnnl_memory_desc_t
      switch key.weights {
      case .rowsOfN(let stride): weights = try layout(key.k, key.n, (1, stride), key.input)
      case .rowsOfK(let stride): weights = try layout(key.k, key.n, (stride, 1), key.input)
      case .packed:
        if let packed {
          weights = packed
        } else {
          weights = dnnl_memory_desc_t()
          try OneDNN.check(
            "dnnl_memory_desc_init_by_tag",
            dnnl_memory_desc_init_by_tag(
              &weights, 2, [Int64(key.k), Int64(key.n)], key.input.dnnl, dnnl_format_tag_any))
        }
      }
      var description = dnnl_matmul_desc_t()
      try OneDNN.check(
        "dnnl_matmul_desc_init", dnnl_matmul_desc_init(&description, &source, &weights, nil, &destination))
      var attributes: dnnl_primitive_attr_t?
      try OneDNN.check("dnnl_primitive_attr_create", dnnl_primitive_attr_create(&attributes))
      defer { dnnl_primitive_attr_destroy(attributes) }
      // The library's own scratchpad belongs to one thread; ours belongs to the workspace.
      try OneDNN.check(
        "dnnl_primitive_attr_set_scratchpad_mode",
        dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user))
      var primitiveDescription: dnnl_primitive_desc_t?
      try OneDNN.check(
        "dnnl_primitive_desc_create(\(key))",
        dnnl_primitive_desc_create(&primitiveDescription, &description, attributes, engine, nil))
      defer { dnnl_primitive_desc_destroy(primitiveDescription) }
      inputLayout = source
      outputLayout = destination
      weightsLayout = dnnl_primitive_desc_query_md(primitiveDescription, dnnl_query_weights_md, 0).pointee
      scratchLayout = dnnl_primitive_desc_query_md(primitiveDescription, dnnl_query_scratchpad_md, 0).pointee
      scratchBytes = withUnsafePointer(to: scratchLayout) { Int(dnnl_memory_desc_get_size($0)) }
      var name: UnsafePointer<CChar>?
      _ = withUnsafeMutablePointer(to: &name) {
        dnnl_primitive_desc_query(primitiveDescription, dnnl_query_impl_info_str, 0, $0)
      }
      implementation = name.map { String(cString: $0) } ?? "unknown"
      var primitive: dnnl_primitive_t?
      try OneDNN.check("dnnl_primitive_create", dnnl_primitive_create(&primitive, primitiveDescription))
      self.primitive = primitive!
    }

    deinit { dnnl_primitive_destroy(primitive) }
  }

  /// What one thread needs to run products: a stream, and scratch memory that grows to the largest product's need.
  ///
  /// Unchecked: it belongs to one `Multiplier`, which belongs to one thread at a time.
  final class OneDNNStream: @unchecked Sendable {
    private let oneDNN: OneDNN
    private let stream: dnnl_stream_t
    private var scratch = AlignedBuffer<UInt8>(count: 0)

    init(_ oneDNN: OneDNN) throws {
      self.oneDNN = oneDNN
      var stream: dnnl_stream_t?
      try OneDNN.check(
        "dnnl_stream_create",
        dnnl_stream_create(&stream, oneDNN.engine, UInt32(dnnl_stream_default_flags.rawValue)))
      self.stream = stream!
    }

    deinit { dnnl_stream_destroy(stream) }

    func run(
      _ product: CompiledProduct, input: UnsafeRawPointer, weights: UnsafeRawPointer,
      output: UnsafeMutableRawPointer
    ) throws {
      if scratch.count < product.scratchBytes { scratch = AlignedBuffer(count: product.scratchBytes) }
      omp_set_num_threads(1)
      var arguments: [dnnl_exec_arg_t] = []
      defer { for argument in arguments { dnnl_memory_destroy(argument.memory) } }
      func bind(_ index: Int32, _ layout: dnnl_memory_desc_t, _ pointer: UnsafeMutableRawPointer) throws {
        var layout = layout
        var memory: dnnl_memory_t?
        try OneDNN.check(
          "dnnl_memory_create", dnnl_memory_create(&memory, &layout, oneDNN.engine, pointer))
        arguments.append(dnnl_exec_arg_t(arg: index, memory: memory))
      }
      try bind(DNNL_ARG_SRC, product.inputLayout, UnsafeMutableRawPointer(mutating: input))
      try bind(DNNL_ARG_WEIGHTS, product.weightsLayout, UnsafeMutableRawPointer(mutating: weights))
      try bind(DNNL_ARG_DST, product.outputLayout, output)
      if product.scratchBytes > 0 { try bind(DNNL_ARG_SCRATCHPAD, product.scratchLayout, scratch.pointer) }
      try OneDNN.check(
        "dnnl_primitive_execute",
        dnnl_primitive_execute(product.primitive, stream, Int32(arguments.count), arguments))
      try OneDNN.check("dnnl_stream_wait", dnnl_stream_wait(stream))
    }

    /// Copies `source`, [K, N] as rows of N with `stride`, into `layout`.
    func reorder(
      _ source: UnsafeRawPointer, n: Int, k: Int, stride: Int, type: ElementType, into layout: dnnl_memory_desc_t,
      _ destination: UnsafeMutableRawPointer
    ) throws {
      omp_set_num_threads(1)
      var from = dnnl_memory_desc_t()
      try OneDNN.check(
        "dnnl_memory_desc_init_by_strides",
        dnnl_memory_desc_init_by_strides(&from, 2, [Int64(k), Int64(n)], type.dnnl, [1, Int64(stride)]))
      var to = layout
      var description: dnnl_primitive_desc_t?
      try OneDNN.check(
        "dnnl_reorder_primitive_desc_create",
        dnnl_reorder_primitive_desc_create(&description, &from, oneDNN.engine, &to, oneDNN.engine, nil))
      defer { dnnl_primitive_desc_destroy(description) }
      var primitive: dnnl_primitive_t?
      try OneDNN.check("dnnl_primitive_create", dnnl_primitive_create(&primitive, description))
      defer { dnnl_primitive_destroy(primitive) }
      var source_: dnnl_memory_t?
      var destination_: dnnl_memory_t?
      try OneDNN.check(
        "dnnl_memory_create",
        dnnl_memory_create(&source_, &from, oneDNN.engine, UnsafeMutableRawPointer(mutating: source)))
      defer { dnnl_memory_destroy(source_) }
      try OneDNN.check("dnnl_memory_create", dnnl_memory_create(&destination_, &to, oneDNN.engine, destination))
      defer { dnnl_memory_destroy(destination_) }
      let arguments = [
        dnnl_exec_arg_t(arg: DNNL_ARG_FROM, memory: source_), dnnl_exec_arg_t(arg: DNNL_ARG_TO, memory: destination_),
      ]
      try OneDNN.check("dnnl_primitive_execute", dnnl_primitive_execute(primitive, stream, 2, arguments))
      try OneDNN.check("dnnl_stream_wait", dnnl_stream_wait(stream))
    }
  }
#endif
