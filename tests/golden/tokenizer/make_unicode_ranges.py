"""Writes core/text/unicode_ranges.inc: which code points HF tokenizers takes for letters, numbers, white space.

Asks the pre-tokenizer itself about every code point, so the table is that library's by construction:
  c joins "a"  -> \\p{L}      c joins "1"  -> \\p{N}      c joins "!"  -> none of the three classes
  none of them -> \\s
From the repository's root, with tokenizers 0.20.3:
  python tests/golden/tokenizer/make_unicode_ranges.py core/text/unicode_ranges.inc
"""
import sys

import tokenizers

assert tokenizers.__version__ == "0.20.3", tokenizers.__version__
split = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True).pre_tokenize_str


def joins(first, char):
    return len(split(first + char)) == 1


def class_of(code_point):
    if 0xD800 <= code_point <= 0xDFFF:
        return None
    char = chr(code_point)
    found = [name for first, name in (("a", "kLetter"), ("1", "kNumber"), ("!", None)) if joins(first, char)]
    assert len(found) <= 1, hex(code_point)
    return found[0] if found else "kSpace"


ranges = []
for code_point in range(0x110000):
    name = class_of(code_point)
    if name is None:
        continue
    if ranges and ranges[-1][1] == code_point - 1 and ranges[-1][2] == name:
        ranges[-1][1] = code_point
    else:
        ranges.append([code_point, code_point, name])

with open(sys.argv[1], "w", encoding="ascii") as out:
    out.write("// Made by tests/golden/tokenizer/make_unicode_ranges.py; see there for the command.\n")
    line = ""
    for first, last, name in ranges:
        item = f"{{0x{first:X}, 0x{last:X}, {name}}},"
        if len(line) + 1 + len(item) > 100:
            out.write(line + "\n")
            line = item
        else:
            line = f"{line} {item}" if line else item
    out.write(line + "\n")
print(len(ranges), "ranges")
