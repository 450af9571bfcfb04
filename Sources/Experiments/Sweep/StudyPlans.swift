import Foundation
import Hub
import RunFile

extension ModelRun {
  /// One plan per model of a study, paths resolved.
  ///
  /// - Parameters:
  ///   - only: measure this model alone.
  ///   - tokens: headline count instead of the study's.
  /// - Throws: `StudyError`, `StudyRunError`.
  public static func plans(
    of file: StudyFile, only: String?, tokens: Int?, catalog: ExperimentCatalog = .all
  ) throws -> [Plan] {
    var study = file.study
    if let tokens { study.limit(tokens: tokens) }
    try file.validate(
      experiments: catalog.names,
      needingSAE: Set(catalog.measures.filter(\.readsAutoencoder).map(\.experiment)))
    let indices = study.models.indices.filter { only == nil || study.models[$0].name == only }
    guard !indices.isEmpty else { throw StudyRunError.noModel(only ?? "", study.models.map(\.name)) }
    return try indices.map { index in
      let model = study.models[index]
      return Plan(
        title: study.title,
        study: URL(fileURLWithPath: file.path).deletingPathExtension().lastPathComponent, studyText: file.text,
        studyKeys: file.study.keys,
        model: model.name, checkpoint: try file.checkpointPath(model: index), layer: model.layer,
        sae: try file.saePath(model: index), corpus: try file.corpusPaths(), textField: study.corpus.text,
        sourceField: study.corpus.source, order: study.corpus.order, packing: study.packing.style,
        chunkLength: study.packing.length, batchSize: study.packing.batch, experiments: study.experiments,
        conditions: study.conditions.filter { $0.applies(to: model.name) },
        conditionCheckpoints: try file.conditionCheckpointPaths(model: index),
        headline: study.tokens.headline, snapshots: study.tokens.snapshots, counts: study.tokens.counts,
        tokenLimit: study.tokens.limit,
        firstPositions: study.strata.firstPositions, massiveMultiple: study.strata.massive,
        reruns: study.reruns, splice: study.splice,
        keepsFeatureGroups: study.keepsFeatureGroups,
        bootstrap: .init(replicates: study.bootstrap.replicates, level: study.bootstrap.level),
        seed: study.seed,
        fetched: try file.hubSources(model: index).map {
          .init(role: $0.role, reference: "\($0.source.reference)", commit: $0.source.commit)
        })
    }
  }
}
