import Words

extension Document {
  /// How to cite the report, as BibTeX, folded at the end of the section on how to reproduce it.
  mutating func addCitation(study: String, version: String) {
    guard let index = sections.firstIndex(where: { $0.key == ReproductionSection.key }) else { return }
    func field(_ name: String, _ text: String) -> (name: String, value: String) {
      (name, text.map { "{}\\%&#_$".contains($0) ? "\\\($0)" : String($0) }.joined())
    }
    var fields = [field("title", title)]
    if !authors.isEmpty { fields.append(field("author", authors.joined(separator: " and "))) }
    if let day { fields.append(field("year", String(day.prefix(4)))) }
    fields.append(field("note", "Measured with clearbox \(version); study \(study)"))
    let key = study.filter { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
    sections[index].blocks.append(.fold(Fold(title: "Cite this", blocks: [.code(BibTeX.entry("misc", key, fields))])))
  }
}
