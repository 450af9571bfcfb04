#!/usr/bin/env python3
"""Make assets/fonts from the Inter family of Debian's package fonts-inter (4.0~beta7+ds-1 carries Inter 3.019).

Two sets, three styles each:

  Inter-*.otf    for figures: every character of the original, alternates and hints dropped, plus a `kern` table.
                 FreeType reads pair kerning from `kern` only, and Inter keeps its kerning in GPOS, so the pairs among
                 the characters below are copied out of GPOS.
  Inter-*.woff2  for the HTML report: Latin, Greek, punctuation, arrows and mathematics, with tabular figures.

Needs: apt-get install fonts-inter; pip install fonttools brotli. Run from the repository's root. Same bytes each time.
"""

import hashlib
import pathlib
import string

from fontTools import subset
from fontTools.ttLib import TTFont, newTable
from fontTools.ttLib.tables._k_e_r_n import KernTable_format_0

SOURCE = pathlib.Path("/usr/share/fonts/opentype/inter")
TARGET = pathlib.Path("assets/fonts")
STYLES = ["Regular", "SemiBold", "Italic"]
KERNED = string.ascii_letters + string.digits + " .,:;-–—()/%+=−’‘“”×·"


def pair_kerning(font: TTFont, characters: str) -> dict[tuple[str, str], int]:
    """Horizontal pair adjustments of the GPOS `kern` feature; the first subtable that covers a pair decides."""
    names = {c: font.getBestCmap()[ord(c)] for c in characters if ord(c) in font.getBestCmap()}
    glyphs = sorted(set(names.values()))
    gpos = font["GPOS"].table
    lookups = sorted({i for r in gpos.FeatureList.FeatureRecord if r.FeatureTag == "kern" for i in r.Feature.LookupListIndex})
    pairs: dict[tuple[str, str], int] = {}
    for index in lookups:
        decided: set[tuple[str, str]] = set()
        for sub in gpos.LookupList.Lookup[index].SubTable:
            if sub.LookupType == 9:
                sub = sub.ExtSubTable
            if sub.LookupType != 2:
                continue
            covered = set(sub.Coverage.glyphs)
            for left in glyphs:
                if left not in covered:
                    continue
                if sub.Format == 1:
                    records = sub.PairSet[sub.Coverage.glyphs.index(left)].PairValueRecord
                    values = {r.SecondGlyph: r.Value1 for r in records}
                    for right in glyphs:
                        if right in values and (left, right) not in decided:
                            decided.add((left, right))
                            advance = getattr(values[right], "XAdvance", 0) or 0
                            pairs[left, right] = pairs.get((left, right), 0) + advance
                else:
                    row = sub.Class1Record[sub.ClassDef1.classDefs.get(left, 0)].Class2Record
                    for right in glyphs:
                        if (left, right) in decided:
                            continue
                        decided.add((left, right))
                        value = row[sub.ClassDef2.classDefs.get(right, 0)].Value1
                        advance = getattr(value, "XAdvance", 0) or 0 if value else 0
                        pairs[left, right] = pairs.get((left, right), 0) + advance
    return {pair: value for pair, value in pairs.items() if value}


def subsetted(path: pathlib.Path, characters: list[int], features: list[str]) -> TTFont:
    options = subset.Options()
    options.layout_features = features
    options.name_IDs = ["*"]
    options.notdef_outline = True
    options.hinting = False
    options.recalc_timestamp = False
    font = subset.load_font(str(path), options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=characters)
    subsetter.subset(font)
    return font


def for_figures(path: pathlib.Path) -> TTFont:
    original = TTFont(path)
    pairs = pair_kerning(original, KERNED)
    font = subsetted(path, sorted(original.getBestCmap()), [])
    table = KernTable_format_0()
    table.version, table.coverage, table.apple, table.tupleIndex = 0, 1, False, None
    table.kernTable = dict(sorted(pairs.items()))
    kern = font["kern"] = newTable("kern")
    kern.version, kern.kernTables = 0, [table]
    return font


def for_the_web(path: pathlib.Path) -> TTFont:
    wanted = [c for c in sorted(TTFont(path).getBestCmap())
              if c < 0x250 or 0x300 <= c < 0x305 or 0x370 <= c < 0x400 or 0x2000 <= c < 0x2300]
    font = subsetted(path, wanted, ["kern", "tnum", "ccmp", "mark", "mkmk", "calt"])
    font.flavor = "woff2"
    return font


for style in STYLES:
    for make, suffix in [(for_figures, "otf"), (for_the_web, "woff2")]:
        target = TARGET / f"Inter-{style}.{suffix}"
        make(SOURCE / f"Inter-{style}.otf").save(target)
        data = target.read_bytes()
        print(f"{target.name}  {len(data)} bytes  sha256 {hashlib.sha256(data).hexdigest()}")
