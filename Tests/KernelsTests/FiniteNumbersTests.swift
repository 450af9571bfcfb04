import Testing

@testable import Kernels

@Suite("NaN and infinities")
struct FiniteNumbersTests {
  @Test("survive a softmax, whatever stands beside them", arguments: [0, 3, 17, 39])
  func softmax(place: Int) {
    for score in [Float.nan, -.nan, .infinity] {
      var scores = (0..<40).map { Float($0 % 7) }
      scores[place] = score
      var rounded = [UInt16](repeating: 0, count: 48)
      var plain = [Float](repeating: 0, count: 48)
      #expect(BF16.softmaxRow(scores, scale: 0.5, first: 0, end: 40, width: 48, into: &rounded).isNaN)
      #expect(F32.softmaxRow(scores, scale: 0.5, first: 0, end: 40, width: 48, into: &plain).isNaN)
    }
  }

  @Test("are found, the first of them, and nothing else is")
  func found() {
    let large: [Float] = [.greatestFiniteMagnitude, -.greatestFiniteMagnitude, .leastNonzeroMagnitude, -0]
    for count in [0, 1, 15, 4096, 9000] {
      let numbers = (0..<count).map { large[$0 % large.count] }
      #expect(FiniteNumbers.firstOther(inFloat32: numbers, count: count) == nil)
      for place in [0, count / 2, count - 1] where place >= 0 && place < count {
        var numbers = numbers
        numbers[place] = -.infinity
        numbers[count - 1] = .nan
        #expect(FiniteNumbers.firstOther(inFloat32: numbers, count: count) == place)
        let halves = numbers.map { BF16.element($0.isFinite ? 3e38 : $0) }
        #expect(FiniteNumbers.firstOther(inBF16: halves, count: count) == place)
      }
    }
  }
}
