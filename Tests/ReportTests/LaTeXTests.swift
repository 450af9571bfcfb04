import FabricatedFindings
import Foundation
import Testing

@testable import Report

@Suite("LaTeX", .serialized)
struct LaTeXTests {
  private func hostile() -> Fabricated {
    var hostile = Fabricated()
    hostile.modelName = "\\end{table} $x & 100% #1 {_} ~^ [a] <|> \"q\" `'"
    hostile.sources.append(("*[2pt] — Größe, naïve", 1.0))
    return hostile
  }

  private func write(_ runs: [Fabricated]) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    _ = try ReportWriter.write(
      findings: runs.map(\.findings), to: folder.url, formats: [.latex], templates: Shipped.templates,
      fonts: Shipped.fontsFolder, references: Shipped.references)
    return folder
  }

  @Test("Characters with a meaning are escaped, those that fonts lack are commands")
  func characters() {
    #expect(
      LaTeXText.escaped("50% & $1 #2 a_b {c} ~ ^ \\")
        == "50\\% \\& \\$1 \\#2 a\\_b \\{c\\} \\textasciitilde{} \\textasciicircum{} \\textbackslash{}")
    #expect(
      LaTeXText.escaped("−0.5 × 10⁻⁵, Σ‖x̂ₜ − x̄‖² ≥ 0")
        == "$-$0.5 $\\times$ 10$^{-5}$, $\\Sigma$$\\|$\\^{x}$_{t}$ $-$ \\={x}$\\|$$^{2}$ $\\ge$ 0")
    #expect(LaTeXText.escaped("--tokens “a” b’s é ü – …") == "-{}-tokens ``a'' b's \\'{e} \\\"{u} -- \\dots{}")
    #expect(LaTeXText.escaped("中") == "\\texttt{\\textless{}U+4E2D\\textgreater{}}")
    #expect(
      LaTeXText.escaped(String(repeating: "0123456789abcdef", count: 4)).contains("01234567\\allowbreak{}89abcdef"))
  }

  @Test(
    "Braces are balanced, nothing special is left unescaped, and every sign of the report is known",
    arguments: [false, true])
  func safe(isHostile: Bool) throws {
    let folder = try write(isHostile ? [hostile()] : Fabricated.article)
    for name in ["latex/tables.tex", "latex/figures.tex", "latex/article.tex", "latex/references.bib"] {
      let text = try folder.text(name)
      #expect(text.utf8.allSatisfy { $0 < 128 }, "\(name)")
      if !isHostile { #expect(!text.contains("textless{}U+"), "\(name)") }
      guard name != "latex/references.bib" else { continue }
      let body = try #require(text.split(separator: "\\usebox0}\n").last.map(String.init))
        .replacing(/^%.*$/.anchorsMatchLineEndings(), with: "").replacing("\\clearboxfit{%\n", with: "\\clearboxfit{\n")
        .replacing(/\\begin\{tabular\}\[t\].*?\\end\{tabular\}/, with: "").replacing("\\\\", with: "").replacing(
          /\\[{}$&%#_]/, with: "")
      var depth = 0
      for character in body {
        if character == "{" { depth += 1 }
        if character == "}" { depth -= 1 }
        #expect(depth >= 0)
      }
      #expect(depth == 0, "\(name)")
      #expect(
        !body.replacing("%\n", with: "\n").contains("%") && !body.contains("#")
          && body.filter { $0 == "$" }.count.isMultiple(of: 2), "\(name)")
      // As many cells in every row as there are columns.
      for table in body.matches(of: /\\toprule\n(.*?)\\end\{(?:tabular|longtable)\}/.dotMatchesNewlines()) {
        let counts = String(table.1).split(separator: "\n").filter { $0.contains("&") }.map {
          $0.filter { $0 == "&" }.count
        }
        #expect(Set(counts).count == 1)
      }
    }
    #expect(
      try folder.text("latex/tables.tex").matches(of: /\\begin\{table\}/).count
        == (isHostile ? [hostile()] : Fabricated.article).document().tables.count)
    #expect(
      try folder.text("latex/figures.tex").matches(of: /alt=\{/).count
        == (isHostile ? [hostile()] : Fabricated.article).document().figures.count)
  }

  @Test("pdflatex compiles tables and figures", .enabled(if: Program.pdflatex != nil), arguments: [false, true])
  func compiles(isHostile: Bool) throws {
    let pdflatex = try #require(Program.pdflatex)
    let folder = try write(isHostile ? [hostile()] : Fabricated.article)
    let paper = """
      \\documentclass{article}
      \\usepackage{array,booktabs,graphicx}
      \\graphicspath{{latex/}}
      \\begin{document}
      \\listoftables
      \\listoffigures
      \\input{latex/tables}
      \\clearpage
      \\input{latex/figures}
      \\end{document}

      """
    try OutputFile.save(Array(paper.utf8), at: folder.url.appendingPathComponent("paper.tex"))
    for _ in 0..<2 {
      let run = try pdflatex.run(["-interaction=nonstopmode", "-halt-on-error", "paper.tex"], in: folder.url)
      #expect(run.status == 0, "\(run.text.suffix(800))")
    }
    let log = try folder.text("paper.log")
    #expect(!log.contains("undefined") && !log.contains("too large for page"))
  }

  @Test(
    "The article compiles with its bibliography, and nothing in it points nowhere",
    .enabled(
      if: Program.hasTeX, "pdflatex or bibtex is not installed: apt-get install texlive-latex-recommended lmodern"),
    arguments: [false, true])
  func article(isHostile: Bool) throws {
    let (pdflatex, bibtex) = (try #require(Program.pdflatex), try #require(Program.bibtex))
    let runs = isHostile ? [hostile()] : Fabricated.article
    let report = try write(runs)
    defer { _ = report }
    let folder = report.url.appendingPathComponent("latex")
    for (program, arguments) in [
      (pdflatex, ["-interaction=nonstopmode", "-halt-on-error", "article.tex"]), (bibtex, ["article"]),
      (pdflatex, ["-interaction=nonstopmode", "-halt-on-error", "article.tex"]),
      (pdflatex, ["-interaction=nonstopmode", "-halt-on-error", "article.tex"]),
    ] {
      let run = try program.run(arguments, in: folder)
      #expect(run.status == 0, "\(run.text.suffix(800))")
    }
    let log = try String(contentsOf: folder.appendingPathComponent("article.log"), encoding: .utf8)
    let faults = log.split(separator: "\n").filter { line in
      ["undefined", "multiply defined", "too large for page"].contains { line.contains($0) }
    }
    #expect(faults.isEmpty)
    let text = try String(contentsOf: folder.appendingPathComponent("article.tex"), encoding: .utf8)
    for table in try runs.document().tables { #expect(text.contains("\\label{tab:\(table.key)}")) }
    for number in ["{1}", "{2}", "{A1}"] { #expect(text.contains("\\renewcommand{\\thetable}\(number)")) }
    for source in try runs.document().sources {
      #expect(try folder.appendingPathComponent("references.bib").text.contains("{\(source.key),"))
    }
  }

  @Test(
    "A PDF has the same bytes each time",
    .enabled(
      if: Program.hasTeX, "pdflatex or bibtex is not installed: apt-get install texlive-latex-recommended lmodern"))
  func pdf() throws {
    let pdfs = try (0..<2).map { _ in
      let report = try ReportWriter.rendered(
        findings: [Fabricated().findings], formats: [.pdf], templates: Shipped.templates, fonts: Shipped.fontsFolder,
        references: Shipped.references)
      #expect(report.files.map(\.path) == ["report.pdf"] && report.pages == ["report.pdf"])
      return report.files[0].bytes
    }
    #expect(pdfs[0] == pdfs[1] && pdfs[0].starts(with: "%PDF-".utf8))
  }

  @Test("Sources know authors, title and year from the words that cite them")
  func sources() {
    let source = Source.paper("LLM.int8: Dettmers, Lewis and Zettlemoyer, 8-bit Multiplication, 2022", "2208.07339")
    #expect(source.authors == ["Dettmers", "Lewis", "Zettlemoyer"] && source.title == "8-bit Multiplication")
    #expect(source.key == "dettmers2022")
    #expect(Source.paper("No more than this", "1").key == "nomorethanthis")
  }
}

extension URL {
  fileprivate var text: String { get throws { try String(contentsOf: self, encoding: .utf8) } }
}
