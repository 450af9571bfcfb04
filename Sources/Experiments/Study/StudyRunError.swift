import RunFile

/// Why a study cannot run.
public enum StudyRunError: Error, CustomStringConvertible, Sendable {
  case unknownExperiment(String, [String])
  case needsAutoencoder(String)
  case needsExperiment(String, String)
  case tooManySources(Int)
  case impossibleLayer(Int, layers: Int, model: String)
  /// A token's id and text, the embedding's rows, and where the token stands.
  case unknownToken(Int32, text: String, rows: Int, place: String)
  case noModel(String, [String])
  case needsCalibration(String)
  /// A condition's checkpoint is not of the study's model.
  case otherModel(condition: String, path: String, differences: [String])
  case otherArithmetic(condition: String, path: String, what: String)
  case otherTokenizer(condition: String, path: String, difference: String)
  case begunElsewhere(String)
  case badPlan(path: String, reason: String)
  case otherPlan(String)
  case plannedElsewhere(String)
  case notInPlan(String, [String])
  case otherRun(file: String, difference: String)
  case otherKernels(folder: String, begun: String, here: String)

  public var description: String {
    switch self {
    case .unknownExperiment(let name, let known):
      "experiments: '\(name)' is unknown. Known are \(known.joined(separator: ", "))."
    case .needsAutoencoder(let name):
      "experiments: '\(name)' needs a sparse autoencoder. Give the model a key 'sae', or leave the experiment out."
    case .needsExperiment(let name, let other):
      "experiments: '\(name)' works on what '\(other)' measures. Add '\(other)' to the list, or leave '\(name)' out."
    case .tooManySources(let count):
      "The corpus names \(count) text sources; a run keeps at most \(RunDescription.mostNames). Use coarser labels."
    case .impossibleLayer(let layer, let layers, let model):
      "layer: \(layer) does not exist; \(model) has decoder layers 0 to \(layers - 1)."
    case .unknownToken(let id, let text, let rows, let place):
      "The tokenizer gives \"\(text)\" the id \(id), and the embedding has \(rows) rows, ids 0 to \(rows - 1). It stands in \(place).\n"
        + "Where it is a mark that this model has no use for, such as <image_soft_token>, leave such texts out or write the mark otherwise. Where it is an ordinary word, tokenizer and weights belong to different models."
    case .needsCalibration(let name):
      "conditions: \(name) must see activations before it can compress, which a run cannot give it yet. Leave it out."
    case .otherModel(let condition, let path, let differences):
      "\(path): cannot be the condition \(condition), for it is not the study's model: it has \(differences.joined(separator: ", ")).\n"
        + "A condition's checkpoint has the model's shapes and settings, and other weights. Give one of the same size and family, or measure this one as a model of its own."
    case .otherArithmetic(let condition, let path, let what):
      "\(path): cannot be measured as shipped, as \(condition): the program that it is made for \(what), which is not computed here.\n"
        + "To measure what its weights alone do, give the condition a key 'weights: bf16'."
    case .otherTokenizer(let condition, let path, let difference):
      "\(path): cannot be the condition \(condition), for it reads text otherwise than the study's model: \(difference).\n"
        + "Conditions are compared token by token. Give a checkpoint with the model's tokenizer (for a folder, copy the model's tokenizer.json into it if it is known to belong to it)."
    case .begunElsewhere(let reason):
      "The run was begun with kernels that this machine does not have. \(reason)\n"
        + "Finish it where it was begun, or remove its folder of parts to start anew."
    case .badPlan(let path, let reason):
      "\(path): is no plan (\(reason)). Make one with 'clearbox plan'."
    case .otherPlan(let difference):
      "This run is not the one that was planned: it differs in \(difference).\n"
        + "All shards need the plan's study, files, program and kernels."
    case .plannedElsewhere(let reason):
      "The run is planned with kernels that this machine does not have. \(reason)\n"
        + "Measure this shard on another machine, or plan with --kernels portable, which every machine has."
    case .notInPlan(let name, let known):
      "The plan has no model \(name); it has \(known.joined(separator: ", ")). Plan the study again."
    case .otherRun(let file, let difference):
      "\(file): holds another run: \(difference).\n"
        + "It is not replaced. Write to another folder (--out), or replace it once the new run is whole (--replace)."
    case .otherKernels(let folder, let begun, let here):
      "\(folder): holds an unfinished run that computes with other kernels (\(begun)) than this one would (\(here)).\n"
        + "Go on without --kernels and CLEARBOX_KERNELS on a CPU like the first, or remove the folder to start anew."
    case .noModel(let name, let known):
      "--only \(name): the study has no such model. It has \(known.joined(separator: ", "))."
    }
  }
}
