import RunFile

/// Validation: does FVU settle as tokens accumulate? It reads the columns of `sae` at the study's snapshots, so it
/// measures nothing of its own.
///
/// Feeds the stabilization section and its figure.
public struct Stabilization: Experiment {
  public let name = "stabilization"
  public let observes: ObservationPoints = []
  public let columns: [ColumnDefinition] = []

  public init() {}
}
