/// The illustration of how a sparse autoencoder encodes and decodes, with the study's own numbers.
public struct EncodingSchematic: Sendable, Equatable {
  /// D.
  public var width: Int
  /// F.
  public var features: Int
  /// Mean L0 in the baseline, as shown.
  public var meanL0: Double
  public init(width: Int, features: Int, meanL0: Double) {
    self.width = width
    self.features = features
    self.meanL0 = meanL0
  }
  func drawing(width: Points, fonts: FontFamily) throws(PlotError) -> DrawList { Pen(fonts: fonts, width: width, height: 10).list }
}
