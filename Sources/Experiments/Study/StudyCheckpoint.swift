extension Study {
  /// Another checkpoint of a study's model, as a condition has it: a fine-tune, a model trained with quantization in mind,
  /// or a file that somebody has quantized.
  public struct Checkpoint: Sendable, Equatable {
    /// GGUF files or Hugging Face folders, as written.
    public var places: [Place]
    /// Names the condition: short and unique in a study.
    public var name: String
    /// For people.
    public var label: String

    public struct Place: Sendable, Equatable {
      /// Name of the model that it belongs to; nil in a study of one model.
      public var model: String?
      public var path: String
    }

    /// As written; nil for a model that has no such checkpoint.
    func path(model: String) -> String? { places.first { $0.model == nil || $0.model == model }?.path }
  }
}

extension Study.Condition {
  /// True where a model has the condition: one with a checkpoint belongs to the models that it is given for.
  func applies(to model: String) -> Bool { checkpoint.map { $0.path(model: model) != nil } ?? true }

  /// True for a checkpoint's weights as its files have them: what somebody else has made.
  var isShipped: Bool { checkpoint != nil && weights is AsStored }
}
