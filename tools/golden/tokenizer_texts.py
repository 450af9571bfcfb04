"""Texts that are hard on a tokenizer: many scripts, emoji, control characters, runs of white space, special tokens.

usage: tokenizer_texts.py OUTPUT.jsonl [BYTES] [SEED]
Writes JSON Lines {"text": …} of about BYTES bytes (default 250000), the same for the same seed.
"""

import json
import random
import sys

RANGES = [  # first, last code point: scripts in use, then the corners
    (0x20, 0x7E), (0x20, 0x7E), (0x20, 0x7E), (0xA0, 0xFF), (0x100, 0x24F), (0x250, 0x2AF), (0x300, 0x36F), (0x370, 0x3FF),
    (0x400, 0x4FF), (0x530, 0x58F), (0x590, 0x5FF), (0x600, 0x6FF), (0x700, 0x74F), (0x900, 0x97F), (0x980, 0x9FF),
    (0xB80, 0xBFF), (0xE00, 0xE7F), (0xE80, 0xEFF), (0xF00, 0xFFF), (0x10A0, 0x10FF), (0x1100, 0x11FF), (0x1200, 0x137F),
    (0x13A0, 0x13FF), (0x1780, 0x17FF), (0x1800, 0x18AF), (0x1E00, 0x1EFF), (0x2000, 0x206F), (0x2070, 0x209F),
    (0x20A0, 0x20CF), (0x2100, 0x214F), (0x2190, 0x21FF), (0x2200, 0x22FF), (0x2500, 0x25FF), (0x2581, 0x2581), (0x2600, 0x27BF),
    (0x3000, 0x303F), (0x3040, 0x30FF), (0x4E00, 0x9FFF), (0x4E00, 0x9FFF), (0xAC00, 0xD7A3), (0xE000, 0xE0FF), (0xF900, 0xFAFF),
    (0xFB00, 0xFB4F), (0xFE00, 0xFE0F), (0xFE70, 0xFEFF), (0xFF00, 0xFFEF), (0x10000, 0x100FF), (0x10330, 0x1034F),
    (0x12000, 0x123FF), (0x1D400, 0x1D7FF), (0x1F1E6, 0x1F1FF), (0x1F300, 0x1F6FF), (0x1F900, 0x1F9FF), (0x20000, 0x2A6DF),
    (0xE0000, 0xE007F), (0x10FF00, 0x10FFFF),
]
CONTROLS = [chr(c) for c in [*range(0x00, 0x20), *range(0x7F, 0xA0), 0x200B, 0x200C, 0x200D, 0x200E, 0x2028, 0x2029, 0x2060, 0xFEFF, 0xFFFC, 0xFFFD, 0xFFFE, 0xFFFF]]
LITERALS = [
    "<bos>", "<eos>", "<pad>", "<unk>", "<mask>", "<start_of_turn>", "<end_of_turn>", "<unused12>", "<unused0>", "<unused6241>",
    "<start_of_image>", "<image_soft_token>", "[multimodal]", "<0x0A>", "<0xFF>", "<0x", "<bos", "bos>", "<<bos>>", "<eos><eos>", "< eos>",
    "<h1>", "</h1>", "<table>", "<td>", "</td></tr>", "<code>", "<unused", "<unused9", "<unused99999>", "\u2581", "\u2581\u2581", "\u2581<bos>",
    "<|endoftext|>", "[CLS]", "</s>", "<s>", "[INST]",
]
EMOJI = ["👨‍👩‍👧‍👦", "🏳️‍🌈", "👍🏽", "🇩🇪🇫🇷🇯🇵", "❤️", "1️⃣", "🧑🏿‍🚀", "😀😃😄", "☎️", "🤷🏼‍♀️", "🫠", "🏴󠁧󠁢󠁥󠁮󠁧󠁿"]
SENTENCES = [
    "The quick brown fox jumps over the lazy dog. ", "Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich. ",
    "Voix ambiguë d’un cœur qui, au zéphyr, préfère les jattes de kiwis. ", "El pingüino Wenceslao hizo kilómetros bajo exhaustiva lluvia. ",
    "Съешь же ещё этих мягких французских булок, да выпей чаю. ", "Ξεσκεπάζω την ψυχοφθόρα βδελυγμία. ", "いろはにほへと ちりぬるを。", "敏捷的棕色狐狸跳过懒狗。",
    "키스의 고유조건은 입술끼리 만나야 하고. ", "نص حكيم له سر قاطع وذو شأن عظيم. ", "דג סקרן שט בים מאוכזב. ", "ऋषियों को सताने वाले दुष्ट राक्षसों का अंत। ",
    "เป็นมนุษย์สุดประเสริฐเลิศคุณค่า ", "Pchnąć w tę łódź jeża lub ośm skrzyń fig. ", "Příliš žluťoučký kůň úpěl ďábelské ódy. ", "Do bạch kim rất quý nên sẽ dùng để lắp vô xương. ",
]
CODE = [
    "def f(x):\n    return {k: v for k, v in x.items() if v is not None}\n\n\n", "for (int i = 0; i < n; ++i) {\n\ta[i] += b[i] * 0x1F;\n}\r\n",
    "let x = try await fetch(from: url) ?? []\n", "SELECT a.id, COUNT(*) FROM t AS a WHERE a.x >= 3.14e-10 GROUP BY 1;\n", "#!/bin/sh\nset -euo pipefail\ngrep -rnE '^\\s+$' . | wc -l\n",
    "<html>\n  <body class=\"a b\">\n    <p>&nbsp;</p>\n  </body>\n</html>\n", "{\"key\": [1, 2.50, null, true], \"\\u00e9\": \"\\n\"}\n", "\\frac{\\partial L}{\\partial w_{ij}} = \\sum_k \\delta_k\n",
    "https://example.org/a%20b?c=d&e=%F0%9F%98%80#frag ", "192.168.0.1 2026-11-22T10:50:00Z 1,234,567.89 0b1011 1e-308 ", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "=====-----=====\n", "........................", "0000000000000000000",
]


def scalar(r):
    first, last = r.choice(RANGES)
    return chr(r.randint(first, last))


def part(r):
    kind = r.randrange(14)
    if kind < 3:
        return r.choice(SENTENCES)
    if kind < 5:
        return r.choice(CODE)
    if kind == 5:
        return r.choice(LITERALS) * r.choice([1, 1, 1, 2])
    if kind == 6:
        return r.choice([" ", "\n", "\t", "\r\n", "\u00a0", "\u3000", " \n", "\n\t"]) * r.choice([1, 2, 3, 5, 8, 16, 29, 30, 31, 32, 40, 70])
    if kind == 7:
        return r.choice(EMOJI)
    if kind == 8:
        return "".join(r.choice(CONTROLS) for _ in range(r.randint(1, 6)))
    if kind == 9:
        first, last = r.choice(RANGES)
        return "".join(chr(r.randint(first, last)) for _ in range(r.randint(1, 60)))
    if kind == 10:
        return "".join(scalar(r) for _ in range(r.randint(1, 30)))
    if kind == 11:  # a letter under a heap of combining marks, composed and decomposed forms
        return "".join(r.choice("aeiouEnsÅ한") + "".join(chr(r.randint(0x300, 0x36F)) for _ in range(r.randint(0, 9))) for _ in range(5)) + "éé"
    if kind == 12:
        return "".join(r.choice("abcdefghijklmnopqrstuvwxyzABCDEF0123456789_ ,.;'\"-") for _ in range(r.randint(1, 80)))
    return r.choice(["ha", "ab", "no ", "\n\n", "██", "。", "ー", "…", "!?", "的", " a"]) * r.randint(1, 60)


def documents(size, seed):
    r = random.Random(seed)
    total = 0
    yield from ["", " ", "a", "\n", "<bos>", "\u2581", "\x00", "  <eos>  ", "e\u0301"]
    while total < size:
        text = "".join(part(r) for _ in range(r.choice([1, 2, 5, 20, 60])))
        total += len(text.encode())
        yield text


if __name__ == "__main__":
    size = int(sys.argv[2]) if len(sys.argv) > 2 else 250_000
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    with open(sys.argv[1], "w", encoding="utf-8") as out:
        for text in documents(size, seed):
            out.write(json.dumps({"text": text}, ensure_ascii=False) + "\n")
