import Kernels
import Dispatch
@main struct Clearbox {
  static func bench(_ name: String, m: Int, n: Int, k: Int, threads: Int = 2) throws {
    let w = AlignedBuffer<UInt16>(count: n*k, zeroed: true)
    let packed = try PackedMatrix(bf16: w.pointer, rows: n, columns: k)
    nonisolated(unsafe) let p = packed
    let ctx = try (0..<threads).map { _ in (try Multiplier(), AlignedBuffer<UInt16>(count: m*k, zeroed: true), AlignedBuffer<UInt16>(count: m*n)) }
    let reps = max(1, Int(2e10 / (2.0*Double(m*n*k))))
    nonisolated(unsafe) let c = ctx
    for round in 0..<2 {
      let t = ContinuousClock.now
      DispatchQueue.concurrentPerform(iterations: threads) { i in
        for _ in 0..<reps { try! c[i].0.multiply(Strided(UnsafePointer(c[i].1.pointer), stride: k), rows: m, by: p, into: c[i].2.pointer, stride: n) }
      }
      let s = (ContinuousClock.now - t) / .seconds(1)
      if round == 1 { print(name, m, n, k, "threads", threads, Double(2*m*n*k*reps*threads)/s/1e9, "GFLOP/s") }
    }
  }
  static func bench8(_ name: String, m: Int, n: Int, k: Int, threads: Int = 2) throws {
    let w = AlignedBuffer<Int8>(count: n*k, zeroed: true)
    let packed = try PackedMatrix(int8: w.pointer, rows: n, columns: k)
    nonisolated(unsafe) let p = packed
    let ctx = try (0..<threads).map { _ in (try Multiplier(), AlignedBuffer<Int8>(count: m*k, zeroed: true), AlignedBuffer<Int32>(count: m*n)) }
    let reps = max(1, Int(2e10 / (2.0*Double(m*n*k))))
    nonisolated(unsafe) let c = ctx
    for round in 0..<2 {
      let t = ContinuousClock.now
      DispatchQueue.concurrentPerform(iterations: threads) { i in
        for _ in 0..<reps { try! c[i].0.multiply(Strided(UnsafePointer(c[i].1.pointer), stride: k), rows: m, by: p, into: c[i].2.pointer, stride: n) }
      }
      let s = (ContinuousClock.now - t) / .seconds(1)
      if round == 1 { print(name, "int8", m, n, k, "threads", threads, Double(2*m*n*k*reps*threads)/s/1e9, "GOP/s") }
    }
  }
  static func main() throws {
    print(Backend.summary, Backend.libraries)
    for m in [128, 512, 2048] {
      try bench("qkv", m: m, n: 1536, k: 640)
      try bench("o", m: m, n: 640, k: 1024)
      try bench("gateup", m: m, n: 4096, k: 640)
      try bench("down", m: m, n: 640, k: 2048)
      try bench("head", m: m, n: 2048, k: 640)
      try bench8("gateup", m: m, n: 4096, k: 640)
      try bench8("down", m: m, n: 640, k: 2048)
    }
    try bench("head", m: 512, n: 2048, k: 640, threads: 1)
  }
}
