import Foundation

@testable import Plot

/// What became of one accepted figure.
struct FigureChange {
  enum State { case same, changed, new, gone }

  let name: String
  var state: State
  /// What differs, in words; empty where nothing does.
  var reasons: [String] = []
  var golden: Picture?
  var now: Picture?
  var difference: PerceptualDifference?
  /// Lines of the drawing's dump that went and came, where the accepted dump is on this machine.
  var lines: [String] = []
  /// The words of a figure that is none.
  var words: String?

  /// Largest share of differing pixels first, then what has no picture.
  var weight: Double {
    switch state {
    case .same: -1
    case .new, .gone: 2
    case .changed: difference?.share ?? 3
    }
  }
}

/// A folder to look at: `index.html` with every figure as accepted, as it is now, and the difference.
struct FigureReview {
  static let root = Shipped.root.appendingPathComponent(".build-test/figure-review")

  let folder: URL
  let accepted: GoldenFolder
  /// The command that accepts.
  let accept: String

  func url(_ path: String) -> URL { folder.appendingPathComponent(path) }

  private func write(_ bytes: [UInt8], _ path: String) throws {
    let file = url(path)
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: file)
  }

  // MARK: Dumps

  /// Keeps a drawing's dump: apart while it is the accepted one, so that a later change can be compared line by line.
  /// - Returns: lines that went (`− `) and came (`+ `).
  func keep(_ list: DrawList, _ name: String, accepted: String?) throws -> [String] {
    let dump = list.dump
    try write(Array(dump.utf8), "drawings/\(name).txt")
    if list.digest == accepted {
      try write(Array(dump.utf8), "accepted/\(name).txt")
      return []
    }
    guard let old = try? String(contentsOf: url("accepted/\(name).txt"), encoding: .utf8) else { return [] }
    let (before, after) = (old.split(separator: "\n"), dump.split(separator: "\n"))
    return after.difference(from: before).map { change in
      switch change {
      case .remove(_, let line, _): "− \(line)"
      case .insert(_, let line, _): "+ \(line)"
      }
    }
  }

  // MARK: Page

  /// Writes the pictures and the page; returns the page's path.
  func write(_ changes: [FigureChange]) throws -> String {
    for part in ["golden", "now", "difference"] { try? FileManager.default.removeItem(at: url(part)) }
    for change in changes {
      if change.golden != nil {
        try write([UInt8](Data(contentsOf: accepted.url(change.name))), "golden/\(change.name).png")
      }
      if change.state != .same, let now = change.now { try write(now.png, "now/\(change.name).png") }
      if change.state == .changed, let now = change.now, let difference = change.difference {
        try write(difference.heatMap(over: now).png, "difference/\(change.name).png")
      }
    }
    try write(Array(page(changes).utf8), "index.html")
    return url("index.html").path
  }

  private func page(_ all: [FigureChange]) -> String {
    let changed = all.filter { $0.state != .same }.sorted { ($1.weight, $0.name) < ($0.weight, $1.name) }
    let same = all.filter { $0.state == .same }
    let summary =
      changed.isEmpty
      ? "All \(all.count) figures are as accepted."
      : "\(changed.count) of \(all.count) figures changed. Accept all of them with <code>\(escaped(accept))</code>, one or a few with <code>\(escaped(accept)) ONLY=name</code> or the beginning of names."
    return """
      <!doctype html>
      <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
      <title>\(changed.isEmpty ? "No" : "\(changed.count)") changed figures</title>
      <style>\(Self.style)</style></head><body>
      <h1>Figures: accepted and now</h1>
      <p>\(summary)</p>
      \(changed.map(section).joined(separator: "\n"))
      <h2>Unchanged: \(same.count)</h2>
      \(same.map(folded).joined(separator: "\n"))
      <script>\(Self.script)</script>
      </body></html>

      """
  }

  private func section(_ change: FigureChange) -> String {
    let name = escaped(change.name)
    func picture(_ part: String, _ title: String, isThere: Bool) -> String {
      isThere
        ? "<figure><figcaption>\(title)</figcaption><a href=\"\(part)/\(name).png\"><img src=\"\(part)/\(name).png\" alt=\"\(title): \(name)\"></a></figure>"
        : "<figure><figcaption>\(title)</figcaption><p>none</p></figure>"
    }
    var parts = [
      "<section id=\"\(name)\"><h2>\(name)</h2>",
      "<p>\(change.reasons.map(escaped).joined(separator: " "))</p>",
      "<p>To accept it: <code>\(escaped(accept)) ONLY=\(name)</code></p>",
      "<div class=\"three\">", picture("golden", "accepted", isThere: change.golden != nil),
      picture("now", "now", isThere: change.now != nil),
      picture(
        "difference", "difference (yellow: just counted, red: ΔE of 60 and more)", isThere: change.difference != nil),
      "</div>",
    ]
    if change.golden != nil, change.now != nil {
      parts.append(
        """
        <div class="over"><p><label>accepted <input type="range" min="0" max="100" value="50" aria-label="share of the new figure shown"> now</label>
        <label><input type="checkbox"> blink</label></p>
        <div class="stack"><img src="golden/\(name).png" alt=""><img class="top" src="now/\(name).png" alt=""></div></div>
        """)
    }
    if !change.lines.isEmpty {
      let shown = change.lines.prefix(400).map(escaped).joined(separator: "\n")
      let rest = change.lines.count > 400 ? "\n… \(change.lines.count - 400) more lines" : ""
      parts.append(
        "<details><summary>Drawing: \(change.lines.count) lines differ</summary><pre>\(shown)\(rest)</pre></details>")
    } else if change.reasons.contains(where: { $0.contains("drawing") }) {
      parts.append(
        "<p class=\"quiet\">The drawing now: <a href=\"drawings/\(name).txt\">drawings/\(name).txt</a>; the accepted one was never made on this machine.</p>"
      )
    }
    return parts.joined(separator: "\n") + "</section>"
  }

  private func folded(_ change: FigureChange) -> String {
    let name = escaped(change.name)
    let content =
      change.words.map { "<p>\(escaped($0))</p>" }
      ?? "<img loading=\"lazy\" src=\"golden/\(name).png\" alt=\"\(name)\">"
    return "<details><summary>\(name)</summary>\(content)</details>"
  }

  private func escaped(_ text: String) -> String {
    text.map { ["&": "&amp;", "<": "&lt;", ">": "&gt;", "\"": "&quot;"][$0] ?? String($0) }.joined()
  }

  private static let style = """
    :root{color-scheme:light dark;--line:#c3c9d0;--quiet:#555d66}
    @media(prefers-color-scheme:dark){:root{--line:#454c54;--quiet:#aab3bc}}
    body{font:15px/1.45 system-ui,sans-serif;max-width:110rem;margin:1.5rem auto;padding:0 1rem}
    h1{font-size:1.4rem}h2{font-size:1.1rem;margin:0 0 .3rem}code{font-size:.92em}p{margin:.3rem 0}
    section{border-top:1px solid var(--line);padding:1rem 0}
    .three{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,20rem),1fr));gap:.8rem;margin:.6rem 0}
    figure{margin:0;min-width:0}figcaption,.quiet{color:var(--quiet)}
    img{max-width:100%;height:auto;border:1px solid var(--line);box-sizing:border-box;display:block}
    .stack{position:relative;width:max-content;max-width:100%}
    .stack .top{position:absolute;inset:0;clip-path:inset(0 0 0 50%)}
    .over label{margin-right:1.5rem}input{vertical-align:middle}
    .blink .top{clip-path:none!important;animation:blink 1s steps(1) infinite}
    @keyframes blink{50%{visibility:hidden}}
    details{margin:.25rem 0}pre{overflow:auto;font-size:.8rem;max-height:30rem}
    """

  /// The slider uncovers the new figure from the right; the box lets it come and go.
  private static let script = """
    for(const over of document.querySelectorAll('.over')){
      const [range,box]=over.querySelectorAll('input'),stack=over.querySelector('.stack'),top=over.querySelector('.top');
      range.oninput=()=>{top.style.clipPath=`inset(0 0 0 ${100-range.value}%)`};
      box.onchange=()=>stack.classList.toggle('blink',box.checked);
    }
    """
}
