import NumpyRandom
import Testing

/// Expected orders were printed by datasets 5.0.0 with numpy 2.4.6: tools/golden/order.py, and for the short ones
/// `[r["i"] for r in IterableDataset.from_generator(rows).shuffle(seed=seed, buffer_size=buffer)]`.
@Suite struct BufferedShuffleTests {
  @Test func `rows that fit into the buffer are one list shuffle`() {
    let order = shuffledOrder(shards: [10_000], buffer: 10_000, seed: 0)
    #expect(order.prefix(10) == [3577, 8925, 1634, 485, 4753, 726, 9505, 3650, 4703, 9428])
    #expect(order.suffix(3) == [4411, 5921, 607])
    #expect(fingerprint(order) == 17_855_782_056_516_299_096)
    let small = [16, 12, 18, 8, 3, 13, 15, 10, 6, 1, 2, 11, 17, 0, 14, 9, 4, 7, 5, 19]
    #expect(shuffledOrder(shards: [20], buffer: 20, seed: 3) == small)
    #expect(shuffledOrder(shards: [20], buffer: 100, seed: 3) == small)
  }

  @Test func `a short buffer yields victims as datasets does`() {
    #expect(
      shuffledOrder(shards: [20], buffer: 5, seed: 11)
        == [0, 5, 3, 2, 8, 7, 10, 6, 9, 12, 13, 4, 15, 14, 17, 19, 1, 16, 18, 11])
  }

  @Test func `more victims than one batch of draws agree`() {
    let order = shuffledOrder(shards: [5000], buffer: 300, seed: 0)
    #expect(order.prefix(6) == [255, 191, 153, 80, 92, 12])
    #expect(fingerprint(order) == 16_283_544_265_207_164_988)
    #expect(order.sorted() == Array(0..<5000))
  }

  @Test func `no rows give no order`() {
    #expect(shuffledOrder(shards: [0], buffer: 10, seed: 0) == [])
    #expect(shuffledOrder(shards: [], buffer: 10, seed: 0) == [])
  }

  static let streams: [(shards: [Int], buffer: Int, seed: UInt64, first: [Int], fingerprint: UInt64)] = [
    ([10000], 10000, 0, [3577, 8925, 1634, 485, 4753, 726], 17855782056516299096),
    ([25000], 10000, 0, [8506, 6369, 5111, 2697, 3078, 409], 7086984724799208128),
    ([25000], 10000, 1, [4731, 5118, 7551, 9504, 348, 1441], 18260038508452151046),
    ([25000], 10000, 42, [892, 7739, 6545, 4388, 4330, 8585], 1372188824133489096),
    ([25000], 10000, 1099511627783, [2065, 8298, 6095, 2553, 170, 1537], 2564968538813106586),
    ([700, 300], 10000, 0, [929, 103, 111, 81, 411, 514], 13880272059389442600),
    ([40, 10, 1, 25], 16, 3, [3, 50, 40, 0, 5, 56], 7281177266765277552),
    ([900, 20, 1300, 400, 5, 77], 250, 0, [46, 2658, 2650, 2637, 934, 1], 8879301566999820511),
    ([30, 7, 61, 12, 45, 3, 18, 50, 29, 90, 11, 64, 8], 100, 9, [102, 9, 169, 2, 159, 104], 1265896902932235298),
    ([Int](repeating: 13, count: 23), 50, 4, [198, 290, 17, 28, 5, 43], 6342488915148451639),
  ]

  @Test("streams longer than the buffer, and of several files, come in the order of datasets", arguments: streams)
  func streamed(shards: [Int], buffer: Int, seed: UInt64, first: [Int], expected: UInt64) {
    let order = shuffledOrder(shards: shards, buffer: buffer, seed: seed)
    #expect(Array(order.prefix(6)) == first)
    #expect(fingerprint(order) == expected)
  }
}
