import RunFile

extension Study {
  /// Every key with its value, defaults filled in, in the order of docs/study-file.md: what the run file keeps, so that
  /// nobody has to read YAML after the run.
  ///
  /// Models are told apart by name; conditions by their method, or by their name where a method occurs twice. A key without a
  /// value is left out.
  var keys: [RunDescription.Parameter] {
    var keys: [RunDescription.Parameter] = []
    func add(_ key: String, _ value: String?) {
      if let value { keys.append(.init(key: key, value: value)) }
    }
    func add(_ key: String, _ value: Int?) { add(key, value.map(String.init)) }
    func add(_ key: String, _ values: [String]) { add(key, "[" + values.joined(separator: ", ") + "]") }

    add("title", title)
    add("models", models.map(\.name))
    for model in models {
      add("models.\(model.name).checkpoint", model.checkpoint)
      add("models.\(model.name).layer", model.layer)
      add("models.\(model.name).sae", model.sae)
    }
    corpus.paths.count == 1 ? add("corpus.path", corpus.paths[0]) : add("corpus.path", corpus.paths)
    add("corpus.text", corpus.text)
    add("corpus.source", corpus.source)
    switch corpus.order {
    case .file: add("corpus.order", "file")
    case .shuffled(let seed, let buffer):
      add("corpus.order.shuffle", "numpy")
      add("corpus.order.seed", String(seed))
      add("corpus.order.buffer", buffer)
    }
    add("packing.style", packing.style.rawValue)
    add("packing.length", packing.length)
    add("packing.batch", packing.batch)
    add("experiments", experiments)
    let kinds = conditions.map(\.weights.kind)
    let labels = zip(conditions, kinds).map { condition, kind in
      condition.checkpoint != nil || kinds.count { $0 == kind } > 1 ? condition.name : kind
    }
    add("conditions", labels)
    for (condition, label) in zip(conditions, labels) {
      for place in condition.checkpoint?.places ?? [] {
        add("conditions.\(label).checkpoint" + (place.model.map { "." + $0 } ?? ""), place.path)
      }
      if condition.checkpoint != nil { add("conditions.\(label).weights", condition.weights.kind) }
      for option in condition.weights.parameters { add("conditions.\(label).\(option.key)", option.value) }
      add("conditions.\(label).reference", condition.reference)
    }
    add("tokens.headline", tokens.headline)
    for (experiment, count) in tokens.counts.sorted(by: { $0.key < $1.key }) {
      add("tokens.counts.\(experiment)", count)
    }
    add("tokens.snapshots", tokens.snapshots.map(String.init))
    add("tokens.limit", tokens.limit)
    add("strata.massive", "\(strata.massive)")
    add("strata.first_positions", strata.firstPositions)
    if reruns.tokens == 0 {
      add("reruns", "none")
    } else {
      add("reruns.tokens", reruns.tokens.map(String.init) ?? (reruns.isCapped ? "at most 15 %" : "all"))
      add("reruns.seed", String(reruns.seed))
    }
    if experiments.contains("splice") { add("splice.tokens", splice.tokens) }
    if experiments.contains("features") { add("features.group_sums", "\(keepsFeatureGroups)") }
    add("bootstrap.replicates", bootstrap.replicates)
    add("bootstrap.level", "\(bootstrap.level)")
    add("seed", String(seed))
    return keys
  }
}
