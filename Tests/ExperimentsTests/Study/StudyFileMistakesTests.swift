import Foundation
import Testing

@testable import Experiments

/// What a study file that is wrong is answered with.
extension StudyFileTests {
  @Test("a mistake is answered with its line, its path and the way out", arguments: mistakes)
  func mistake(old: String, new: String, expected: String) throws {
    #expect(Self.minimal.contains(old))
    let message = message { _ = try read(Self.minimal.replacing(old, with: new)) }
    #expect(message == "\(scratch.path)/study.yaml\(expected)", "\(message ?? "no error")")
  }

  static let mistakes: [(String, String, String)] = [
    ("layer: 1", "layr: 1", ", line 5: there is no key models[0].layr. Did you mean models[0].layer?"),
    ("title: T", "titel: T", ", line 1: there is no key titel. Did you mean title?"),
    ("headline: 100", "headlines: 100", ", line 9: there is no key tokens.headlines. Did you mean tokens.headline?"),
    (
      "{ path: c.jsonl }", "{ path: c.jsonl, zzz: 1 }",
      ", line 6: there is no key corpus.zzz. Keys here: path, text, source, order."
    ),
    ("title: T\n", "", ", line 1: the key title is missing. Add it, for example: title: Gemma 3 under compression"),
    ("    layer: 1", "    layer: nine", ", line 5: models[0].layer is nine; a whole number is needed."),
    ("    layer: 1", "    layer: \"1\"", ", line 5: models[0].layer is \"1\"; a whole number is needed."),
    ("    layer: 1", "    layer: -1", ", line 5: models[0].layer is -1; a number from 0 to 1048576 is needed."),
    ("    layer: 1", "    layer: 1.5", ", line 5: models[0].layer is 1.5; a whole number is needed."),
    ("name: m\n", "name: a/b\n", ", line 3: models[0].name is a/b; letters, digits, '-', '_' and '.' make a name."),
    ("[accuracy]", "accuracy", ", line 7: experiments is accuracy; a list [ … ] is needed."),
    ("[accuracy]", "[accuracy, accuracy]", ", line 7: experiments[1] is accuracy; it is listed twice; once is enough."),
    ("[accuracy]", "[]", ", line 7: experiments is a list of 0; a study needs at least one experiment."),
    (
      "[bf16]", "[int8]",
      ", line 8: conditions[0] is int8; the first condition is what the others are compared with; put bf16 (or f32) first."
    ),
    ("[bf16]", "[bf16, int9]", ", line 8: conditions[1] is \"int9\", which does not exist. Did you mean int8?"),
    (
      "[bf16]", "[bf16, gptq]",
      ", line 8: conditions[1] is \"gptq\", which does not exist. Choose from: "
        + CompressionMethods.all.map(\.kind).joined(separator: ", ") + "."
    ),
    ("[bf16]", "[bf16, nf4, nf4]", ", line 8: conditions[2] is nf4; the condition nf4 is listed twice."),
    (
      "[bf16]", "[bf16, { nf4: { doublequantization: true } }]",
      ", line 8: there is no key conditions[1].nf4.doublequantization. Did you mean conditions[1].nf4.double_quantization?"
    ),
    (
      "[bf16]", "[bf16, { nf4: { double_quantization: maybe } }]",
      ", line 8: conditions[1].nf4.double_quantization is maybe; true or false is needed."
    ),
    (
      "[bf16]", "[bf16, { nf4: { compute: bf61 } }]",
      ", line 8: conditions[1].nf4.compute is \"bf61\", which does not exist. Did you mean bf16?"
    ),
    (
      "[bf16]", "[bf16, { nf4: { block: 100 } }]",
      ", line 8: conditions[1].nf4.block is 100; a power of two from 32 to 4096 is needed; bitsandbytes' default is 64."
    ),
    (
      "[bf16]", "[bf16, { int8: { threshold: 0 } }]",
      ", line 8: conditions[1].int8.threshold is 0; a positive number is needed; bitsandbytes' default is 6.0."
    ),
    (
      "[bf16]", "[{ bf16: { x: 1 } }]",
      ", line 8: conditions[0].bf16 is keys (x); bf16 has no options; write bf16 alone."
    ),
    ("headline: 100", "headline: 0", ", line 9: tokens.headline is 0; a number from 1 to 2⁴⁰ is needed."),
    (
      "headline: 100", "headline: 100, snapshots: [\((1...257).map(String.init).joined(separator: ", "))]",
      ", line 9: tokens.snapshots is a list of 257; a run keeps at most 256."
    ),
    (
      "headline: 100", "headline: 100, snapshots: [20, 10]",
      ", line 9: tokens.snapshots[1] is 10; snapshots must rise from one to the next."
    ),
    (
      "headline: 100", "headline: 100, limit: 99",
      ", line 9: tokens.limit is 99; the headline needs at least 100 tokens."
    ),
    (
      "headline: 100", "headline: 100, snapshots: [100, 300], limit: 299",
      ", line 9: tokens.limit is 299; the last snapshot needs at least 300 tokens."
    ),
    ("c.jsonl", "[]", ", line 6: corpus.path is a list of 0; at least one file is needed."),
    (
      "title: T", "title: T\npacking: { style: sealens }",
      ", line 2: packing.style is \"sealens\", which does not exist. Did you mean saelens?"
    ),
    (
      "title: T", "title: T\npacking: { style: llama_cpp, length: 3 }",
      ", line 2: packing.length is 3; llama_cpp scores the second half of a chunk, which takes at least 4 tokens."
    ),
    ("title: T", "title: [a", ", line 2: is not valid YAML: did not find expected ',' or ']'."),
    ("title: T", "title: T\ntitle: U", ", line 1: is not valid YAML: the key title is given twice."),
    (
      "{ path: c.jsonl }", "{ path: c.jsonl, order: random }",
      ", line 6: corpus.order is \"random\", which does not exist. Choose from: file."
    ),
    (
      "{ path: c.jsonl }", "{ path: c.jsonl, order: { shuffle: torch } }",
      ", line 6: corpus.order.shuffle is \"torch\", which does not exist. Choose from: numpy."
    ),
    (
      "title: T", "title: T\nstrata: { massive: 0.5 }",
      ", line 2: strata.massive is 0.5; a multiple of the median above 1 is needed."
    ),
    (
      "title: T", "title: T\nbootstrap: { level: 95 }",
      ", line 2: bootstrap.level is 95; a share from 0.5 to 0.9999 is needed, such as 0.95."
    ),
    (
      "title: T", "title: T\nbootstrap: { level: 0.9999999999999999 }",
      ", line 2: bootstrap.level is 0.9999999999999999; a share from 0.5 to 0.9999 is needed, such as 0.95."
    ),
    (
      "title: T", "title: T\npacking: { length: 1 }",
      ", line 2: packing.length is 1; a number from 2 to 1048576 is needed."
    ),
  ]

  @Test func `an empty file and a missing file`() throws {
    #expect(message { _ = try read("") }?.hasSuffix("study.yaml: is not valid YAML: the file is empty.") == true)
    #expect(
      message { _ = try StudyFile(path: scratch.path + "/none.yaml") }?.contains("none.yaml: no such file") == true)
    #expect(
      message { _ = try read("just text") }?.hasSuffix(
        "line 1: the study is just text; a mapping of keys (title, models, corpus, packing, experiments, conditions, tokens, strata, reruns, splice, features, bootstrap, seed) is needed."
      ) == true)
  }
}
