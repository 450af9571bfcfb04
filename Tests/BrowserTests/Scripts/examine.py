"""Looks at reports in headless Chromium, opened from disk with nothing beside them.

usage: examine.py --axe AXE.MIN.JS --pictures FOLDER REPORT…

Each REPORT is a folder with report.html and, for the downloads to be compared with, tables/ and figures/. Prints JSON:
{REPORT's name: {"checks": {check: {"count": how many things were looked at, "problems": [text, …]}}}}. Pictures of each
page go to FOLDER/NAME-…, except of one named “spoiled”. How long each check took goes to standard error. Every other
failure ends with a message there and exit status 1.
"""

import argparse
import base64
import concurrent.futures
import json
import math
import pathlib
import re
import shutil
import sys
import tempfile
import time
import zlib

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from chromium import Chromium  # noqa: E402

HEARD = (
    "Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded", "Audits.issueAdded",
    "Network.requestWillBeSent", "Browser.downloadProgress")
WIDTHS = [320, 390, 768, 1280, 1920]


class Checks(dict):
    def add(self, name, count, problems=()):
        check = self.setdefault(name, {"count": 0, "problems": []})
        check["count"] += count
        check["problems"] += [str(problem) for problem in problems][:20]


def timed(check, *arguments):
    """How long each takes, on standard error."""
    start = time.monotonic()
    check(*arguments)
    print(f"{check.__name__}: {time.monotonic() - start:.1f} s", file=sys.stderr)


def examine(browser, report, axe, pictures, checks):
    with tempfile.TemporaryDirectory(prefix="clearbox-page-") as alone:
        page = pathlib.Path(alone) / "report.html"
        shutil.copy(report / "report.html", page)
        url = page.as_uri()
        # A page has the figures of each of its models, and every massive token of each is a mark.
        limit = 3_000_000 if report.name == "one-model" else 5_000_000
        checks.add("size", 1, [f"{page.stat().st_size} bytes"] if page.stat().st_size >= limit else [])
        browser.events.clear()
        browser.show(1280)
        browser.open(url)
        browser.evaluate("document.fonts.ready.then(() => document.fonts.size)")
        for check in (keyboard, sideways, search, links, sorting, details, marks, glossary):
            timed(check, browser, checks)
            browser.events = [event for event in browser.events if event.get("method") in HEARD]
        timed(downloads, browser, checks, report, pathlib.Path(alone))
        heard(browser.events, url, checks)
        if pictures:
            timed(picture, browser, pictures)
        timed(accessibility, browser, checks, axe, pictures is None)
        # New pages, with scripts and without.
        browser.show(1280)
        browser.open(url)
        paper = pdf(browser) if pictures else b""
        browser.send("Emulation.setScriptExecutionDisabled", value=True)
        browser.open(url)
        without_script(browser, checks)
        if pictures:
            pictures.with_name(f"{pictures.name}-print.pdf").write_bytes(paper)
            drawings = drawn(paper)
            isSame = drawings == drawn(pdf(browser))
            checks.add("print", len(drawings), [] if isSame else ["printed otherwise than without the script"])
        browser.send("Emulation.setScriptExecutionDisabled", value=False)


def heard(events, url, checks):
    """What the browser complained of and asked for while the page was opened and used."""
    messages, requests, policy = [], [], []
    count = 0
    for event in events:
        name, data = event.get("method"), event.get("params", {})
        if name == "Runtime.consoleAPICalled":
            messages.append(f"console.{data['type']}: {data['args']}")
        elif name == "Runtime.exceptionThrown":
            details = data["exceptionDetails"]
            messages.append(f"exception: {details.get('exception', {}).get('description', details['text'])}")
        elif name == "Log.entryAdded":
            if data["entry"]["level"] in ("warning", "error"):
                messages.append(f"{data['entry']['level']}: {data['entry']['text']}")
        elif name == "Audits.issueAdded":
            policy.append(json.dumps(data["issue"])[:300])
        elif name == "Network.requestWillBeSent":
            address = data["request"]["url"].split("#")[0]
            count += 1
            if address != url and not address.startswith("data:"):
                requests.append(address)
    checks.add("messages", 1, messages)
    checks.add("requests", count, requests)
    checks.add("policy", 1, policy)


def accessibility(browser, checks, axe, isOnce):
    browser.evaluate(axe + "\n;undefined")
    # Figures are images to a reader, and long tables go on as they begin: without outlines and rows after the sixth,
    # the rules take a third of the time.
    browser.call("""() => {
      document.querySelectorAll("details").forEach((one) => { one.open = true; });
      document.querySelectorAll(".figure svg > :not(title, desc)").forEach((one) => { one.remove(); });
      document.querySelectorAll("main tbody tr:nth-child(n+7)").forEach((one) => { one.remove(); });
    }""")
    states = [("in light", 1280, "light"), ("in dark", 1280, "dark"), ("at 320 pixels", 320, "light")]
    for name, width, scheme in states[:1] if isOnce else states:
        browser.show(width, scheme=scheme)
        found = browser.call("""async () => {
          const { violations, passes } = await axe.run({ resultTypes: ["violations"], preload: false });
          return { passes: passes.length, violations: violations.flatMap((one) => one.nodes.slice(0, 4).map((node) =>
            `${one.id} (${one.impact}), ${one.nodes.length} times: ${node.target} ${node.failureSummary}`)) };
        }""")
        checks.add(f"accessible {name}", found["passes"], found["violations"])


def sideways(browser, checks):
    for width in WIDTHS:
        browser.show(width)
        found = browser.call("""() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]""")
        checks.add("no sideways scrolling", 1, [f"{found[0]} pixels wide at {width}"] if found[0] > found[1] else [])
    browser.show(1280)


def search(browser, checks):
    """The browser's own search finds each figure's caption and each table's first cell, there."""
    missing = browser.call("""() => {
      const texts = [...document.querySelectorAll(".figure figcaption strong"), ...[...document.querySelectorAll(
        ".table tbody")].flatMap((body) => [...body.rows].filter((row) => row.cells.length > 1).slice(0, 2))
          .map((row) => row.cells[1].querySelector("data, strong, code") ?? row.cells[1])]
        .filter((element) => /[a-z0-9]/i.test(element.textContent) && !element.closest("details:not([open])"));
      const missing = [];
      for (const element of texts) {
        const selection = getSelection(), text = element.textContent.trim().slice(0, 60);
        selection.setBaseAndExtent(element.parentElement, 0, element.parentElement, 0);
        const isHere = find(text, true, false, true) && element.closest("figure").contains(selection.anchorNode);
        if (!isHere) missing.push(text);
      }
      getSelection().removeAllRanges();
      const absent = find("a text that is nowhere on this page") ? ["a text that is not there"] : [];
      return { count: texts.length, problems: [...missing, ...absent] };
    }""")
    checks.add("found by search", missing["count"], missing["problems"])


def links(browser, checks):
    found = browser.call("""() => {
      const all = [...document.querySelectorAll('a[href^="#"]')], problems = [];
      for (const link of all) {
        const target = document.getElementById(decodeURIComponent(link.hash.slice(1)));
        if (target) { scrollTo(0, 0); location.hash = ""; location.hash = link.hash; }
        const box = target?.getBoundingClientRect();
        const isSeen = box && box.width > 0 && box.height > 0 && box.bottom > 0 && box.top > -1 && box.top < innerHeight;
        if (!isSeen) problems.push(`${link.hash} from “${link.textContent}”`);
      }
      location.hash = "";
      scrollTo(0, 0);
      return { count: all.length, problems };
    }""")
    checks.add("links", found["count"], found["problems"])


# MARK: Tables

CLICKS = """() => [...document.querySelectorAll("main table")].map((table) => {
  const rows = [...table.tBodies[0].rows], value = (cell) => cell.querySelector("data")?.value ?? null;
  const order = () => [...table.tBodies[0].rows].map((row) => rows.indexOf(row));
  const heads = [...table.tHead.rows[0].cells], status = document.querySelector('[role="status"]');
  return {
    name: table.closest("figure").id,
    rows: rows.map((row) => ({ isTitle: row.classList.contains("group"),
      cells: [...row.cells].map((cell) => [cell.textContent.trim(), value(cell)]) })),
    columns: heads.map((head) => ({
      title: head.textContent.trim(), isRight: head.classList.contains("right"), buttons: head.querySelectorAll("button").length,
      clicks: [1, 2, 3].map(() => {
        head.querySelector("button")?.click();
        return { order: order(), states: heads.map((one) => one.getAttribute("aria-sort")), said: status?.textContent };
      }),
    })),
  };
})"""


def number(cell):
    text, value = cell
    if value is None:
        match = re.match(r"[-−+]?[\d,]*\.?\d+", text)
        value = match[0].replace("−", "-").replace(",", "") if match else "nan"
    return float(value)


def natural(text):
    return [int(part) if part.isdigit() else part.casefold() for part in re.split(r"(\d+)", text)]


def sorting(browser, checks):
    count, problems = 0, []
    for table in browser.call(CLICKS):
        rows, groups = table["rows"], []
        for index, row in enumerate(rows):
            if row["isTitle"] or not groups:
                groups.append([])
            groups[-1].append(index)
        sizes = [len([row for row in group if not rows[row]["isTitle"]]) for group in groups]
        for place, column in enumerate(table["columns"]):
            name = f"{table['name']}, {column['title']}"
            if max(sizes, default=0) < 2:
                if column["buttons"]:
                    problems.append(f"{name}: a button on a table with nothing to sort")
                continue
            count += 1
            if column["buttons"] != 1:
                problems.append(f"{name}: {column['buttons']} buttons")
                continue
            key = number if column["isRight"] else lambda cell: natural(cell[0])
            for click, state in zip(column["clicks"], ("ascending", "descending", "none")):
                if click["states"] != [state if other == place else "none" for other in range(len(table["columns"]))]:
                    problems.append(f"{name}: aria-sort {click['states']} for {state}")
                said = "first order" if state == "none" else f"sorted by {column['title']}, {state}"
                if said not in (click["said"] or ""):
                    problems.append(f"{name}: announced {click['said']}")
                start = 0
                for group in groups:
                    order = click["order"][start:start + len(group)]
                    start += len(group)
                    if sorted(order) != group or (rows[group[0]]["isTitle"] and order[0] != group[0]):
                        problems.append(f"{name}: {state} takes rows out of their group")
                        continue
                    if state == "none":
                        if order != group:
                            problems.append(f"{name}: the first order is not restored")
                        continue
                    cells = [rows[row]["cells"][place] for row in order if not rows[row]["isTitle"]]
                    keys = [key(cell) for cell in cells]
                    if column["isRight"]:
                        known = [value for value in keys if not math.isnan(value)]
                        isLast = all(math.isnan(value) for value in keys[len(known):])
                    else:
                        known, isLast = keys, True
                        if not all(re.fullmatch(r"[A-Za-z0-9 ]*", cell[0]) for cell in cells):
                            continue  # The order of punctuation is the browser's.
                    if not isLast or known != sorted(known, reverse=state == "descending"):
                        problems.append(f"{name}: not {state}: {[cell[0] for cell in cells]}")
    checks.add("sorting", count, problems)


# MARK: Keyboard, touch and pointer

FOCUSED = """() => {
  const element = document.activeElement, style = getComputedStyle(element), box = element.getBoundingClientRect();
  return {
    what: `${element.tagName.toLowerCase()} “${element.textContent.trim().slice(0, 40)}”`, isNothing: element === document.body,
    isNumber: element.matches("data"), isSkip: element.matches(".skip"),
    isSeen: box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth
      && style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
  };
}"""


def keyboard(browser, checks):
    """Tab goes everywhere, can be seen everywhere, and is at the end after fewer than 500 steps."""
    browser.call("() => { scrollTo(0, 0); document.activeElement.blur(); getSelection().removeAllRanges(); }")
    browser.evaluate("(getSelection().collapse(document.body, 0), 0)")
    problems, stops, numbers = [], 0, 0
    while stops < 500:
        browser.press("Tab")
        focused = browser.call(FOCUSED)
        if focused["isNothing"]:
            break
        if stops == 0 and not focused["isSkip"]:
            problems.append(f"the first stop is {focused['what']}, not the link over the contents")
        stops += 1
        numbers += focused["isNumber"]
        if not focused["isSeen"]:
            problems.append(f"focus cannot be seen on {focused['what']}")
    if stops >= 500:
        problems.append("more than 500 stops")
    if numbers < 5:
        problems.append(f"only {numbers} stops at numbers")
    browser.call("() => [...document.querySelectorAll('th button')].find((button) => button.checkVisibility())?.focus()")
    browser.press("Enter")
    if browser.evaluate("document.activeElement.closest('th')?.ariaSort") != "ascending":
        problems.append("Enter on a heading's button does not sort")
    browser.press("Enter")
    browser.press("Enter")
    browser.call("() => { scrollTo(0, 0); document.querySelector('.skip').focus(); }")
    browser.press("Enter")
    if browser.evaluate("document.activeElement.id") != "main":
        problems.append("the link over the contents does not lead to the report")
    checks.add("keyboard", stops, problems)


DETAIL = """() => {
  const detail = document.querySelector(".detail"), box = detail?.getBoundingClientRect();
  const isSeen = Boolean(detail) && !detail.hidden && box.width > 0 && box.left >= 0 && box.right <= innerWidth && box.top >= 0
    && box.bottom <= innerHeight;
  return { text: detail?.hidden ? "" : detail?.textContent ?? "", isSeen, said: document.querySelector('[role="status"]')?.textContent,
    focused: document.activeElement.textContent, hints: document.querySelectorAll("data[title]").length };
}"""


def details(browser, checks):
    problems = []

    def expect(what, shows, seen=None):
        seen = seen or browser.call(DETAIL)
        if shows and not (seen["isSeen"] and ": " in seen["text"]) or not shows and seen["text"]:
            problems.append(f"{what}: {seen}")
        return seen

    place = """(index) => {
      const number = document.querySelectorAll("main .table td data")[index];
      number.scrollIntoView({ block: "center", inline: "nearest" });
      const box = number.getBoundingClientRect();
      return [box.left + box.width / 2, box.top + box.height / 2];
    }"""
    for width in (1280, 320):
        browser.show(width)
        x, y = browser.call(place, 0)
        browser.send("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)
        if expect(f"pointer at {width}", True)["hints"]:
            problems.append("numbers have a second explanation, in their title")
        browser.send("Input.dispatchMouseEvent", type="mouseMoved", x=2, y=2)
        expect(f"pointer away at {width}", False)
    browser.send("Emulation.setTouchEmulationEnabled", enabled=True)
    x, y = browser.call(place, 1)
    browser.send("Input.dispatchTouchEvent", type="touchStart", touchPoints=[{"x": x, "y": y}])
    browser.send("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])
    time.sleep(0.4)
    expect("tapped", True)
    browser.send("Emulation.setTouchEmulationEnabled", enabled=False)
    browser.show(1280)
    browser.call("""() => document.querySelector('.table td data[tabindex="0"]')?.focus()""")
    first = expect("focused", True)
    browser.press("ArrowRight")
    second = expect("the next number", True)
    browser.press("ArrowLeft")
    back = expect("the number before", True)
    if first["text"] == second["text"] or back["text"] != first["text"] or first["said"] != first["text"]:
        problems.append(f"arrow keys: {first['text']} | {second['text']} | {back['text']}")
    browser.press("ArrowDown")
    below = expect("the number below", True)
    if below["text"] == first["text"]:
        problems.append("the arrow down does not go on")
    browser.press("Escape")
    expect("Escape", False)
    browser.call("() => document.activeElement.blur()")
    checks.add("details of numbers", 9, problems)


def marks(browser, checks):
    """Marks of figures lie on their drawing, and say what they are when pointed at or reached by keyboard."""
    problems, count = [], 0
    for width, kind in ((1280, "wide"), (390, "narrow")):
        browser.show(width)
        found = browser.call("""(kind) => [...document.querySelectorAll(`main .${kind}`)].map((drawing) => {
          const frame = drawing.querySelector("svg").getBoundingClientRect(), own = [...drawing.querySelectorAll(".mark")];
          const isOn = (box) => box.left > frame.left - 1 && box.right < frame.right + 1 && box.top > frame.top - 12
            && box.bottom < frame.bottom + 12;
          return { figure: drawing.closest("figure").id, count: own.length,
            beside: own.filter((mark) => !isOn(mark.getBoundingClientRect())).length };
        })""", kind)
        count += sum(one["count"] for one in found)
        problems += [f"{one['figure']} at {width}: {one['beside']} beside the drawing" for one in found if one["beside"]]
        if sum(one["count"] > 0 for one in found) < 4:
            problems.append(f"few figures have marks at {width}: {found}")
        place = browser.call("""(kind) => {
          const mark = document.querySelector(`main .${kind} .mark`);
          mark.scrollIntoView({ block: "center" });
          const box = mark.getBoundingClientRect();
          return [box.left + box.width / 2, box.top + box.height / 2];
        }""", kind)
        browser.send("Input.dispatchMouseEvent", type="mouseMoved", x=place[0], y=place[1])
        shown = browser.call(DETAIL)
        if not shown["isSeen"] or ": " not in shown["text"]:
            problems.append(f"a mark pointed at, {width}: {shown}")
        browser.send("Input.dispatchMouseEvent", type="mouseMoved", x=2, y=2)
        browser.call("(kind) => document.querySelector(`main .${kind} .mark[tabindex='0']`)?.focus()", kind)
        first = browser.call(DETAIL)
        browser.press("ArrowRight")
        second = browser.call(DETAIL)
        if not first["isSeen"] or not second["isSeen"] or first["text"] == second["text"]:
            problems.append(f"marks by keyboard, {width}: {first} | {second}")
        browser.press("Escape")
        browser.call("() => document.activeElement.blur()")
    browser.show(1280)
    checks.add("marks", count, problems)


def glossary(browser, checks):
    problems = []
    words = browser.call("""() => [...document.querySelectorAll(".term")].map((word) => [word.textContent,
      document.getElementById(word.getAttribute("popovertarget"))?.textContent.trim() ?? ""])""")
    problems += [f"{word} has no meaning" for word, meaning in words if len(meaning) < 20]
    for width in (1280, 320) if words else ():
        browser.show(width)
        for index in (0, len(words) - 1):
            seen = browser.call("""(index) => {
              const word = document.querySelectorAll(".term")[index];
              const fold = word.closest("details");
              if (fold) fold.open = true;
              word.scrollIntoView({ block: "center" });
              word.click();
              const meaning = document.querySelector(".meaning:popover-open"), box = meaning?.getBoundingClientRect();
              return Boolean(meaning) && box.width > 0 && box.left >= 0 && box.right <= innerWidth && box.top >= 0
                && box.bottom <= innerHeight;
            }""", index)
            if not seen:
                problems.append(f"{words[index][0]} at {width} opens nothing that is seen")
            browser.press("Escape")
            if browser.evaluate("document.querySelectorAll('.meaning:popover-open').length"):
                problems.append("Escape does not close a meaning")
    browser.show(1280)
    checks.add("glossary", len(words), problems)


# MARK: Files

def downloads(browser, checks, report, folder):
    """What the page holds is byte for byte the file that stands beside the report; one of each kind is saved."""
    found = browser.call("""() => [...document.querySelectorAll("main figure")].map((figure) => ({
      id: figure.id, links: [...figure.querySelectorAll("a[download]")].map((link) => [link.download, link.href]) }))""")
    problems, places = [], set()
    for figure in found:
        kind, key = figure["id"].split("-", 1)
        beside = report / f"{kind}s" / f"{key}.csv"
        if len(figure["links"]) != 1:
            problems.append(f"{figure['id']}: {len(figure['links'])} downloads")
            continue
        name, address = figure["links"][0]
        head, _, data = address.partition(",")
        if head != "data:text/csv;charset=utf-8;base64" or base64.b64decode(data, validate=True) != beside.read_bytes():
            problems.append(f"{figure['id']}: not the bytes of {beside.name}")
        if kind not in places:
            places.add(kind)
            browser.send("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(folder), eventsEnabled=True)
            browser.call(f"() => document.querySelector('#{figure['id']} a[download]').click()")
            while browser.wait("Browser.downloadProgress")["state"] == "inProgress":
                pass
            saved = folder / name
            if not saved.is_file() or saved.read_bytes() != beside.read_bytes():
                problems.append(f"{figure['id']}: {name} was not saved")
    checks.add("downloads", len(found), problems)


def without_script(browser, checks):
    found = browser.call("""() => {
      const isSeen = (element) => element.getClientRects().length > 0 && element.getBoundingClientRect().height > 0;
      const tables = [...document.querySelectorAll(".table table")];
      return { tables: tables.length, unseen: tables.filter((table) => !isSeen(table)).map((table) => table.closest("figure").id),
        extra: [...document.querySelectorAll("button:not(.term), .scripted, .detail")].filter(isSeen).map((one) => one.outerHTML),
        dumb: [...document.querySelectorAll(".table td data")].filter((number) => !number.title).length,
        data: document.querySelectorAll("details summary").length };
    }""")
    problems = found["unseen"] + found["extra"]
    if found["dumb"]:
        problems.append(f"{found['dumb']} numbers without an explanation")
    checks.add("without script", found["tables"] + found["data"], problems)


# MARK: Pictures

def picture(browser, path):
    """Pictures of the whole page in pieces, for a person to look at."""
    def shoot(name, width, scheme, piece=2400):
        browser.show(width, piece, scheme)
        height = browser.evaluate("document.documentElement.scrollHeight")
        for index, top in enumerate(range(0, height, piece)):
            browser.evaluate(f"scrollTo(0, {top})")
            data = browser.send("Page.captureScreenshot", format="png", optimizeForSpeed=True)["data"]
            path.with_name(f"{path.name}-{name}-{index + 1:02}.png").write_bytes(base64.b64decode(data))

    shoot("light", 1280, "light")
    shoot("phone", 390, "light")
    if path.name != "two-models":  # Its colours are the same, and it is long.
        shoot("dark", 1280, "dark")


def pdf(browser):
    browser.show(1280)
    return base64.b64decode(browser.send("Page.printToPDF", preferCSSPageSize=True, generateTaggedPDF=False)["data"])


def drawn(data):
    """What a PDF file draws: its streams, unpacked."""
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", data, re.S)
    return [zlib.decompressobj().decompress(stream) for stream in streams if stream[:1] == b"x"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--axe", type=pathlib.Path, required=True)
    parser.add_argument("--pictures", type=pathlib.Path, required=True)
    parser.add_argument("reports", type=pathlib.Path, nargs="+")
    options = parser.parse_args()
    if not options.axe.is_file():
        sys.exit(f"There is no {options.axe}, which the tests of the report's page need: tools/setup/axe.sh {options.axe}")
    options.pictures.mkdir(parents=True, exist_ok=True)
    for old in options.pictures.glob("*.p[dn][fg]"):
        old.unlink()

    def examined(report):
        checks = Checks()
        pictures = None if report.name == "spoiled" else options.pictures / report.name
        with Chromium() as browser:
            examine(browser, report, options.axe.read_text(), pictures, checks)
        return report.name, {"checks": checks}

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        results = dict(pool.map(examined, options.reports))
    json.dump(results, sys.stdout, ensure_ascii=False, indent=1)


main()
