"""From the formats of documentation packages to plain text, and from long works to documents."""
import gzip
import random
import re
import subprocess
from html.parser import HTMLParser
from pathlib import Path

_BLOCK = {"p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "li", "ul", "ol", "dl", "dt", "dd", "table", "tr", "pre",
          "blockquote", "section", "article", "br", "hr", "title", "item", "note", "para", "sect1", "sect2", "sect3",
          "row", "figure", "figcaption", "screen", "programlisting", "listitem", "term", "desc", "steps", "list"}
_VOID = {"br", "hr", "img", "input", "link", "meta", "col", "area", "base", "source", "wbr", "include"}
_SKIP = {"script", "style", "head", "nav", "footer", "header", "noscript", "svg", "math", "info", "form", "button",
         "bookinfo", "chapterinfo", "sect1info", "legalnotice", "comment"}
_SKIP_CLASS = {"navheader", "navfooter", "docnav", "sphinxsidebar", "related", "toc", "sidebar", "headerlink",
               "navigation", "apidocs", "nav-wrapper", "nav-wide-wrapper", "legalnotice", "footer", "src",
               "toc_number", "titlepage-legal", "out-of-band", "sidetoc", "rightborder", "notice", "embedded"}


class _Stripper(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.stack: list[tuple[str, bool, bool]] = []  # tag, begins a skipped part, is preformatted

    def handle_starttag(self, tag, attrs):
        if tag in _BLOCK:
            self.parts.append("\n" if tag in ("br", "li", "tr", "dt", "dd", "title", "item", "row") else "\n\n")
        if tag in ("td", "th"):
            self.parts.append(" ")
        if tag in _VOID:
            return
        names = dict(attrs)
        classes = set((names.get("class") or "").split()) | {names.get("id") or "", names.get("role") or ""}
        self.stack.append((tag, tag in _SKIP or bool(classes & _SKIP_CLASS), tag in ("pre", "screen", "programlisting", "code-block")))

    def handle_startendtag(self, tag, attrs):
        if tag in _BLOCK:
            self.parts.append("\n")

    def handle_endtag(self, tag):
        if any(entry[0] == tag for entry in self.stack):
            while self.stack.pop()[0] != tag:
                pass
        if tag in _BLOCK:
            self.parts.append("\n" if tag in ("li", "tr", "dt", "dd", "item", "row") else "\n\n")

    def handle_data(self, data):
        if any(entry[1] for entry in self.stack):
            return
        if any(entry[2] for entry in self.stack):
            self.parts.append(data.replace(" ", "\x00").replace("\n", "\x01").replace("\t", "\x02"))
        else:
            self.parts.append(re.sub(r"\s+", " ", data))


def html_to_text(html: str) -> str:
    """Visible text of an HTML or DocBook-like XML page; preformatted parts keep their layout."""
    stripper = _Stripper()
    stripper.feed(html)
    stripper.close()
    text = "".join(stripper.parts)
    text = re.sub(r" *\n *", "\n", re.sub(r" {2,}", " ", text))
    return tidy(text.replace("\x00", " ").replace("\x01", "\n").replace("\x02", "\t"))


def tidy(text: str) -> str:
    """Unix newlines, no trailing blanks, no byte-order marks or pilcrow anchors, at most one blank line in a row."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\ufeff", "").replace("\u00a0", " ").replace("¶", "")
    text = re.sub(r"[ \t]+\n", "\n", text)
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def read(path: Path) -> str:
    """The text of a file, gzip or dictzip unpacked; Latin-1 where it is not UTF-8."""
    data = path.read_bytes()
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def unwrap(text: str) -> str:
    """Joins the lines of hard-wrapped paragraphs."""
    paragraphs = re.split(r"\n\s*\n", text)
    return "\n\n".join(re.sub(r"\s*\n\s*", " ", p).strip() for p in paragraphs if p.strip())


def man_to_text(path: Path) -> str:
    """A manual page as groff prints it, without overstrikes, running heads and the colophon."""
    source = read(path)
    if source.startswith(".so "):
        return ""
    out = subprocess.run(["groff", "-man", "-t", "-Tutf8", "-P-cbou", "-rLL=100n", "-rHY=0", "-dAD=l"], input=source.encode(),
                         capture_output=True).stdout.decode("utf-8", "replace")
    lines = out.strip("\n").split("\n")[1:-1]
    text = tidy("\n".join(lines))
    return re.split(r"\n(?:COLOPHON|AUTHORS?|COPYRIGHT)\n", text)[0]


def strip_licence_comment(code: str) -> str:
    """Drops a leading comment that holds a copyright or licence statement."""
    while True:
        stripped = code.lstrip()
        match = re.match(r"/\*.*?\*/", stripped, re.S) or re.match(r"(?:(?:#|//|--|;)[^\n]*\n)+", stripped)
        if not match or not re.search(r"copyright|licen[sc]e|SPDX|\(c\)|coding[:=]|^#!", match.group(0), re.I):
            return tidy(stripped)
        code = stripped[match.end():]


def split(text: str, rng: random.Random, median: int = 1600, code: bool = False,
          least: int = 300, most: int = 9000) -> list[str]:
    """Documents of varied length (log-normal about `median` characters), cut only between paragraphs.

    In code a cut is made only before an unindented line that follows a blank one, so that functions stay whole.
    A short rest is joined to the piece before it; pieces still shorter than `least` or longer than 1.2 × `most` (one
    uncut paragraph of that length is a table or a dump) are dropped.
    """
    units = re.split(r"\n\n(?=\S)", text) if code else re.split(r"\n\n+", text)
    pieces, current, size = [], [], 0
    target = 0
    for unit in units:
        if not current:
            target = min(most, max(2 * least, int(median * 2.718281828 ** (0.7 * rng.gauss(0, 1)))))
        current.append(unit)
        size += len(unit) + 2
        if size >= target:
            pieces.append("\n\n".join(current))
            current, size = [], 0
    if current:
        rest = "\n\n".join(current)
        if pieces and len(rest) < 2 * least:
            pieces[-1] += "\n\n" + rest
        else:
            pieces.append(rest)
    return [p for p in pieces if least <= len(p) <= 1.2 * most]


def letters_share(text: str) -> float:
    """Share of ASCII letters and spaces among the characters: low in tables, dumps and other languages."""
    return sum(c.isascii() and (c.isalpha() or c.isspace()) for c in text) / max(1, len(text))
