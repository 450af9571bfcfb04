import Words

/// Ranges over models, and tables by model.
extension ReportSubject {
  /// The number of one model, or the smallest and the largest of several: "2.0–2.7%", "−0.1% to +0.2%".
  func range(_ models: [ReportModel], _ amount: (ReportModel) throws -> Numbers.Amount?) throws -> Prose? {
    try Self.range(try models.compactMap(amount))
  }

  static func range(_ amounts: [Numbers.Amount]) throws -> Prose? {
    guard let low = amounts.min(by: { $0.printed < $1.printed }),
      let high = amounts.max(by: { $0.printed < $1.printed })
    else { return nil }
    guard amounts.count > 1 else { return Prose(low.number) }
    let decimals = amounts.map(\.decimals).min() ?? 0
    let (first, last) = (try low.rounded(to: decimals), try high.rounded(to: decimals))
    guard first.text != last.text else { return Prose(last) }
    if low.isSigned { return "\(first) to \(last)" }
    var start = first
    start.text = String(start.text.dropLast(low.suffix.count))
    return "\(start)–\(last)"
  }

  /// The column of models, where there are several.
  var modelColumn: [TableBlock.Column] { areSeveral ? [.init("Model")] : [] }
  var conditionColumns: [TableBlock.Column] { modelColumn + [.init("Condition")] }
  /// A condition's name; of one that somebody else has made, with a mark.
  func cell(_ condition: String) -> Prose {
    let isShipped = models.contains { model in
      model.description.conditions.contains { $0.name == condition && $0.origin == .shipped }
    }
    return isShipped ? "\(strong: condition) (shipped)" : "\(strong: condition)"
  }

  func modelCell(_ model: ReportModel) -> [Prose] { areSeveral ? [Prose(model.name)] : [] }

  /// A row per model and condition. A condition that no model measured has no row; one that another model measured is
  /// "not measured" here.
  func rows(
    _ conditions: [String], measured: (ReportModel, String) -> Bool, cells: (ReportModel, String) throws -> [Prose]
  ) throws -> [[Prose]] {
    var rows: [[Prose]] = []
    var width = 1
    for model in models {
      for condition in conditions where models.contains(where: { measured($0, condition) }) {
        let own = measured(model, condition) ? try cells(model, condition) : ["not measured"]
        width = max(width, own.count)
        rows.append(modelCell(model) + [cell(condition)] + own)
      }
    }
    let full = modelColumn.count + 1 + width
    return rows.map { $0 + Array(repeating: "–", count: max(0, full - $0.count)) }
  }

  /// A reference to a table, resolved when tables are numbered.
  func reference(table key: String) -> Prose { Prose([.reference(anchor: "table-\(key)", text: "")]) }

  func table(
    _ key: String, isNumbered: Bool = true, caption: Prose, columns: [TableBlock.Column], rows: [[Prose]],
    headings: Int? = nil, remarks: Prose? = nil
  ) -> Block {
    .table(
      TableBlock(
        key: key, label: isNumbered ? "" : nil, caption: caption, columns: columns, rows: rows,
        headingCount: headings ?? (columns.first?.title == "Model" ? 2 : 1), remarks: remarks))
  }

  /// A table of rows in groups, each with its title.
  func table(
    _ key: String, isNumbered: Bool = true, caption: Prose, groups: [(title: String, rows: [[Prose]])],
    columns: [TableBlock.Column], remarks: Prose? = nil
  ) -> Block {
    .table(
      TableBlock(
        key: key, label: isNumbered ? "" : nil, caption: caption, columns: columns, rows: groups.flatMap(\.rows),
        headingCount: columns.first?.title == "Model" ? 2 : 1,
        groups: groups.flatMap { group in group.rows.map { _ in group.title } }, remarks: remarks))
  }
}
