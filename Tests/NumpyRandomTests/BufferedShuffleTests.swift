import NumpyRandom
import Testing

/// Expected orders were printed by datasets 5.0.0 with numpy 2.4.6:
/// `[r["i"] for r in IterableDataset.from_generator(rows).shuffle(seed=seed, buffer_size=buffer)]`.
@Suite struct BufferedShuffleTests {
  @Test func `rows that fit into the buffer are one list shuffle`() {
    let order = shuffledOrder(count: 10_000, buffer: 10_000, seed: 0)
    #expect(order.prefix(10) == [3577, 8925, 1634, 485, 4753, 726, 9505, 3650, 4703, 9428])
    #expect(order.suffix(3) == [4411, 5921, 607])
    #expect(fingerprint(order) == 17_855_782_056_516_299_096)
    let small = [16, 12, 18, 8, 3, 13, 15, 10, 6, 1, 2, 11, 17, 0, 14, 9, 4, 7, 5, 19]
    #expect(shuffledOrder(count: 20, buffer: 20, seed: 3) == small)
    #expect(shuffledOrder(count: 20, buffer: 100, seed: 3) == small)
  }

  @Test func `a short buffer yields victims as datasets does`() {
    #expect(
      shuffledOrder(count: 20, buffer: 5, seed: 11)
        == [0, 5, 3, 2, 8, 7, 10, 6, 9, 12, 13, 4, 15, 14, 17, 19, 1, 16, 18, 11])
  }

  @Test func `more victims than one batch of draws agree`() {
    let order = shuffledOrder(count: 5000, buffer: 300, seed: 0)
    #expect(order.prefix(6) == [255, 191, 153, 80, 92, 12])
    #expect(fingerprint(order) == 16_283_544_265_207_164_988)
    #expect(order.sorted() == Array(0..<5000))
  }

  @Test func `no rows give no order`() {
    #expect(shuffledOrder(count: 0, buffer: 10, seed: 0) == [])
  }
}
