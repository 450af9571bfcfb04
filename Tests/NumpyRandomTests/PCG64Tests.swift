import NumpyRandom
import Testing

/// Every expected number was printed by numpy 2.4.6; the expression stands beside it.
@Suite struct PCG64Tests {
  /// `numpy.random.SeedSequence(seed).generate_state(4, numpy.uint64)` and
  /// `[default_rng(seed).bit_generator.random_raw() for _ in range(3)]`
  static let seeds: [(seed: UInt64, state: [UInt64], raw: [UInt64])] = [
    (
      0, [0xdb2c_d7e7_b0f4_78be, 0xabf4_641a_2c71_ba49, 0x20c6_ed6d_9d7b_8d41, 0x2c40_99de_223c_39d4],
      [0xa30f_ebcf_d9c2_825f, 0x4510_bdf8_82d9_d721, 0x0a7d_3da9_4ecd_e8b8]
    ),
    (
      42, [0x9f1e_2e6d_cd54_0ab7, 0xd578_73dc_79fb_94b6, 0x7d28_2a1b_64d4_20b7, 0x3365_7971_4692_d5ff],
      [0xc621_fbcd_16d9_2688, 0x705a_5661_a791_ffc1, 0xdbcd_12c2_6eda_1624]
    ),
    (
      1 << 32 + 5,
      [0xf9c1_5bd6_e249_d9ac, 0xb202_1b40_3632_0ed7, 0x9388_b47f_e6dc_f739, 0x5eeb_a8d9_ad64_39e1],
      [0xc632_3ec3_21de_b8d1, 0x7881_4821_c73a_0583, 0xb225_36d8_e0ec_17c0]
    ),
    (
      .max, [0xaebc_a151_928c_ad0d, 0x119c_3044_8638_dc7a, 0x1bbb_1556_59e6_42a7, 0xa76b_11e3_e8c4_a8f6],
      [0xae16_3a7a_8c47_568f, 0xd866_59f5_f338_2359, 0x01e5_2b19_5bc2_d24a]
    ),
  ]

  @Test("seeds are spread over the state as numpy spreads them", arguments: seeds)
  func seedSequence(seed: UInt64, state: [UInt64], raw: [UInt64]) {
    #expect(SeedSequence(seed).words64(4) == state)
  }

  @Test("raw 64-bit words are numpy's", arguments: seeds)
  func rawWords(seed: UInt64, state: [UInt64], raw: [UInt64]) {
    var generator = PCG64(seed: seed)
    #expect(raw.map { _ in generator.next64() } == raw)
  }

  @Test func `a 32-bit draw takes the low half first and keeps the high half for the next`() {
    var generator = PCG64(seed: 0)
    #expect(generator.next32() == 0xd9c2_825f)
    // A 64-bit draw in between leaves the kept half alone.
    #expect(generator.next64() == 0x4510_bdf8_82d9_d721)
    #expect(generator.next32() == 0xa30f_ebcf)
  }

  @Test func `doubles are those of Generator.random`() {
    var generator = PCG64(seed: 7)
    let expected = [0.625095466604667, 0.8972138009695755, 0.7756856902451935, 0.22520718999059186]
    #expect(expected.map { _ in generator.random() } == expected)
  }

  @Test func `integers and doubles interleave as in numpy`() {
    // g = default_rng(7); g.integers(0, 10, size=20); g.random(); g.integers(0, 10, size=3)
    var generator = PCG64(seed: 7)
    #expect(
      generator.integers(below: 10, count: 20)
        == [9, 6, 6, 8, 5, 7, 8, 2, 0, 3, 2, 8, 9, 0, 4, 8, 1, 7, 1, 4])
    #expect(generator.random() == 0.3030324268193135)
    #expect(generator.integers(below: 10, count: 3) == [3, 2, 7])
  }

  @Test(
    "bounds of every width draw what numpy draws",
    arguments: [
      (1_000_003, [944907, 625097, 684181, 897216, 578294, 775688]),
      (3_000_000_000, [2_834_714_867, 2_052_539_810, 2_691_641_402, 1_734_877_356, 2_327_057_070, 2_500_953_064]),
      (1 << 32, [4_058_335_883, 2_684_764_585, 2_938_530_453, 3_853_503_932]),
      ((1 << 40) + 1, [687_299_734_002, 986_497_006_768, 852_875_435_924, 247_617_924_053]),
    ])
  func bounds(bound: Int, expected: [Int]) {
    var generator = PCG64(seed: 7)
    #expect(generator.integers(below: bound, count: expected.count) == expected)
  }

  @Test func `a bound of one draws nothing`() {
    var generator = PCG64(seed: 7)
    #expect(generator.integers(below: 1, count: 4) == [0, 0, 0, 0])
    #expect(generator.integers(below: 100, count: 3) == [94, 62, 68])
  }

  @Test(
    "ten thousand integers, rejections included, agree",
    arguments: [
      (3_000_000_000, 7_625_300_257_676_551_461), ((1 << 40) + 1, 10_680_803_301_839_801_210),
      (1 << 32, 426_551_259_422_338_612),
    ] as [(Int, UInt64)])
  func manyIntegers(bound: Int, expected: UInt64) {
    var generator = PCG64(seed: 5)
    #expect(fingerprint(generator.integers(below: bound, count: 10_000)) == expected)
  }

  @Test func `a list is shuffled as numpy shuffles it`() {
    var generator = PCG64(seed: 3)
    var list = Array(0..<20)
    generator.shuffle(&list)
    #expect(list == [16, 12, 18, 8, 3, 13, 15, 10, 6, 1, 2, 11, 17, 0, 14, 9, 4, 7, 5, 19])
  }

  @Test func `empty and single lists stay as they are and draw nothing`() {
    var generator = PCG64(seed: 3)
    let untouched = generator
    var empty: [Int] = []
    var single = [8]
    generator.shuffle(&empty)
    generator.shuffle(&single)
    #expect(empty == [] && single == [8] && generator == untouched)
  }
}

/// Order-sensitive checksum, the same three lines in the Python that printed the expected values:
/// `h = (h * 31 + v) % 2**64`.
func fingerprint(_ values: [Int]) -> UInt64 {
  values.reduce(0) { $0 &* 31 &+ UInt64($1) }
}
