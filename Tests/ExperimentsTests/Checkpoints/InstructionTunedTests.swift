import Testing

@testable import Experiments

/// What an instruction-tuned checkpoint has beyond a pretrained one: turn marks, an image token beyond the vocabulary's end,
/// two end tokens, a chat template. None of it changes the model.
@Suite struct InstructionTunedTests {
  @Test func `opens, and its added tokens are read where the text has them`() throws {
    let scratch = try ScratchFolder()
    let folder = try scratch.copy("forms/text-5", as: "it")
    let configuration = String(decoding: try scratch.read("it/config.json"), as: UTF8.self)
    try #require(configuration.contains("\"eos_token_id\": 1,"))
    try scratch.write(
      configuration.replacing("\"eos_token_id\": 1,", with: "\"eos_token_id\": [1, 106],"), as: "it/config.json")
    try scratch.write("{\"eos_token_id\": [1, 106]}", as: "it/generation_config.json")
    try scratch.write("{{ bos_token }}", as: "it/chat_template.jinja")
    let added = [(2513, "<end_of_turn>"), (2514, "<image_soft_token>")].map { id, content in
      #"{"id":\#(id),"content":"\#(content)","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":true}"#
    }
    let tokens = String(decoding: try Goldens.bytes("tokenizer/small.json"), as: UTF8.self)
    let opening = "\"added_tokens\":["
    try #require(tokens.contains(opening))
    try scratch.write(
      tokens.replacing(opening, with: opening + added.joined(separator: ",") + ","), as: "it/tokenizer.json")

    let checkpoint = try Gemma3Checkpoint(path: folder)
    var plain = try Gemma3Checkpoint(path: Goldens.path("forms/text-5")).configuration
    plain.name = checkpoint.configuration.name
    #expect(checkpoint.configuration == plain)
    let tokenizer = try Tokenizer(for: checkpoint)
    // The image token lies past the vocabulary's 2,500 pieces; <start_of_turn> is in the file already.
    #expect(tokenizer.vocabularySize == 2515)
    // By tokenizers 0.23.3 of the same file.
    #expect(
      tokenizer.encode(
        "<start_of_turn>user\nWhat is this? <image_soft_token><end_of_turn>\n<start_of_turn>model\n", addBOS: false)
        == [
          2511, 1365, 1315, 271, 347, 1267, 376, 1999, 1313, 364, 365, 375, 323, 1017, 2514, 2513, 271, 2511, 369, 371,
          1829, 271,
        ])
  }
}
