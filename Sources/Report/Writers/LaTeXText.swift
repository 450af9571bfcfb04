import Foundation
import Plot
import Words

/// Prose as LaTeX that pdflatex, xelatex and lualatex compile alike, with no more than the kernel, amsmath not included.
enum LaTeXText {
  static func escaped(_ text: String) -> String {
    var result = ""
    var last: Character?
    for character in VisibleText.of(text) {
      if character == last, "-,".contains(character) {
        // Two of them would become one sign.
        result += "{}\(character)"
      } else {
        result += escaped(character)
      }
      last = character
    }
    // Neighbouring exponents are one exponent.
    return result.replacing("}$$^{", with: "").replacing("}$$_{", with: "").breakable
  }

  /// The text as an argument, in its braces: templates can then write `\caption{{{caption}}}`.
  static func argument(_ text: String) -> String { "{\(text)}" }

  static func prose(_ prose: Prose) -> String {
    prose.inlines.map { inline in
      switch inline {
      case .text(let text): escaped(text)
      case .interval(let interval): escaped(interval.text)
      case .strong(let text): "\\textbf{\(escaped(text))}"
      case .emphasis(let text), .marked(.changed, let text): "\\emph{\(escaped(text))}"
      case .code(let text): "\\texttt{\(escaped(text))}"
      case .number(let number): escaped(number.text)
      case .marked(_, let text): escaped(text)
      case .reference(let anchor, let text): reference(anchor, text)
      case .link(let url, let text): "\(escaped(text)) (\\texttt{\(escaped(url))})"
      }
    }.joined()
  }

  /// Tables and figures have the paper's own numbers; the report's sections are not in it.
  private static func reference(_ anchor: String, _ text: String) -> String {
    for (prefix, name, label) in [("table-", "Table", "tab"), ("figure-", "Figure", "fig")]
    where anchor.hasPrefix(prefix) {
      return "\(name)~\\ref{\(label):\(anchor.dropFirst(prefix.count))}"
    }
    return escaped(text)
  }

  // MARK: Characters

  private static func escaped(_ character: Character) -> String {
    if let known = known[character] { return known }
    if character.isASCII { return character.isNewline || character == "\t" ? " " : String(character) }
    // Letters with accents, such as é and x̄.
    let parts = Array(String(character).decomposedStringWithCanonicalMapping.unicodeScalars)
    if parts.count > 1, let base = parts.first, base.isASCII {
      let accents = parts.dropFirst().map { Self.accents[$0.value] }
      if accents.allSatisfy({ $0 != nil }) {
        return accents.reduce(escaped(Character(base))) { "\($1 ?? ""){\($0)}" }
      }
    }
    return "\\texttt{"
      + character.unicodeScalars.map { "<U+" + String($0.value, radix: 16, uppercase: true) + ">" }.map(escaped)
      .joined() + "}"
  }

  private static let accents: [UInt32: String] = [
    0x300: "\\`", 0x301: "\\'", 0x302: "\\^", 0x303: "\\~", 0x304: "\\=", 0x306: "\\u", 0x307: "\\.", 0x308: "\\\"",
    0x30A: "\\r", 0x30B: "\\H", 0x30C: "\\v", 0x327: "\\c",
  ]

  private static let known: [Character: String] = {
    var known: [Character: String] = [
      "\\": "\\textbackslash{}", "{": "\\{", "}": "\\}", "$": "\\$", "&": "\\&", "%": "\\%", "#": "\\#", "_": "\\_",
      "~": "\\textasciitilde{}", "^": "\\textasciicircum{}", "<": "\\textless{}", ">": "\\textgreater{}",
      "|": "\\textbar{}", "`": "\\textasciigrave{}", "'": "\\textquotesingle{}", "\"": "{\\char34}",
      "\u{a0}": "~", "\u{2009}": "\\,", "\u{202f}": "\\,", "\u{2060}": "", "\u{200b}": "\\allowbreak{}",
      "–": "--", "—": "---", "‘": "`", "’": "'", "“": "``", "”": "''", "…": "\\dots{}", "†": "\\dag{}", "‡": "\\ddag{}",
      "−": "$-$", "×": "$\\times$", "÷": "$\\div$", "±": "$\\pm$", "·": "$\\cdot$", "√": "$\\surd$", "∞": "$\\infty$",
      "≤": "$\\le$", "≥": "$\\ge$", "≠": "$\\ne$", "≈": "$\\approx$", "∼": "$\\sim$", "→": "$\\rightarrow$",
      "←": "$\\leftarrow$", "∈": "$\\in$", "‖": "$\\|$", "∕": "/", "⁄": "/", "∑": "$\\sum$", "∂": "$\\partial$",
      "°": "$^{\\circ}$", "′": "$^{\\prime}$", "½": "$\\frac{1}{2}$", "µ": "$\\mu$", "§": "\\S{}", "¶": "\\P{}",
      "©": "\\copyright{}",
      "ß": "\\ss{}", "æ": "\\ae{}", "Æ": "\\AE{}", "ø": "\\o{}", "Ø": "\\O{}", "œ": "\\oe{}", "Œ": "\\OE{}",
      "⏎": "$\\hookleftarrow$", "␣": "\\textvisiblespace{}",
      "␍": "CR", "⇥": "$\\mapsto$", "ł": "\\l{}", "Ł": "\\L{}", "ı": "\\i{}",
    ]
    for (index, character) in "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ᵏⁿ".enumerated() {
      known[character] = "$^{\(Array("0123456789+-kn")[index])}$"
    }
    for (index, character) in "₀₁₂₃₄₅₆₇₈₉ₜᵢⱼₖₙ".enumerated() {
      known[character] = "$_{\(Array("0123456789tijkn")[index])}$"
    }
    let greek = [
      "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu", "xi",
      "o", "pi", "rho", "varsigma", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega",
    ]
    for (character, name) in zip("αβγδεζηθικλμνξοπρςστυφχψω", greek) {
      known[character] = name == "o" ? "o" : "$\\\(name)$"
    }
    for (character, name) in zip(
      "ΓΔΘΛΞΠΣΥΦΨΩ", ["Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma", "Upsilon", "Phi", "Psi", "Omega"])
    { known[character] = "$\\\(name)$" }
    return known
  }()
}

extension String {
  /// Words of more than thirty letters, such as checksums, may break after every eighth.
  fileprivate var breakable: String {
    guard utf8.count > 30 else { return self }
    return split(separator: " ", omittingEmptySubsequences: false).map { word in
      guard word.count > 30, word.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "./-:,".contains($0)) })
      else {
        return String(word)
      }
      var pieces: [Substring] = []
      var rest = word
      while !rest.isEmpty {
        pieces.append(rest.prefix(8))
        rest = rest.dropFirst(8)
      }
      return pieces.joined(separator: "\\allowbreak{}")
    }.joined(separator: " ")
  }
}
