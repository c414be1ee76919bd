"""Makes every file of this folder but codegen-tokenizer.json, the published one. With tokenizers 0.20.3:
  python tests/golden/tokenizer/make.py
"""
import json
import pathlib
import random

import tokenizers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

import sources

assert tokenizers.__version__ == "0.20.3", tokenizers.__version__
HERE = pathlib.Path(__file__).parent
SEED = 20240723
GPT2_EXPRESSION = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"

# transformers' PreTrainedTokenizerBase.clean_up_tokenization.
CLEAN_UP = [(" .", "."), (" ?", "?"), (" !", "!"), (" ,", ","), (" ' ", "'"), (" n't", "n't"), (" 'm", "'m"),
            (" 's", "'s"), (" 've", "'ve"), (" 're", "'re")]


def clean_up(text):
    for old, new in CLEAN_UP:
        text = text.replace(old, new)
    return text


def slice_of(rng, text):
    begin = rng.randrange(len(text))
    return text[begin:begin + rng.randint(3, 70)]


def characters(rng, block):
    first, last = sources.BLOCKS[block]
    text = "".join(chr(rng.randint(first, last)) for _ in range(rng.randint(1, 14)))
    return "".join(" " if rng.random() < 0.15 else char for char in text)


def pieces(rng):
    """One piece of any kind."""
    kinds = [
        lambda: slice_of(rng, rng.choice(list(sources.SENTENCES.values()))),
        lambda: slice_of(rng, rng.choice(sources.CODE)),
        lambda: characters(rng, rng.choice(list(sources.BLOCKS))),
        lambda: rng.choice(sources.SPACES),
        lambda: rng.choice(sources.NOT_SPACES),
        lambda: rng.choice(sources.CONTRACTIONS),
        lambda: rng.choice(sources.NUMBERS),
        lambda: rng.choice(sources.EMOJI),
        lambda: rng.choice(sources.ADDED),
        lambda: rng.choice(sources.CLEAN_UP),
        lambda: chr(rng.randrange(0x20)),
    ]
    return rng.choice(kinds)()


def lines(rng):
    """Texts to tokenise, without repeats."""
    texts = [""]
    for name in ("PROMPTS", "ADDED", "SPACES", "NOT_SPACES", "CONTRACTIONS", "NUMBERS", "EMOJI", "CLEAN_UP", "CODE"):
        texts += getattr(sources, name)
    for sentence in sources.SENTENCES.values():
        texts.append(sentence)
        texts += [slice_of(rng, sentence) for _ in range(24)]
    for block in sources.BLOCKS:
        texts += [characters(rng, block) for _ in range(12)]
    for snippet in sources.CODE:
        texts += [slice_of(rng, snippet) for _ in range(12)]
    for spaces in sources.SPACES:
        texts += [f"a{spaces}b", f"{spaces}1", f"!{spaces}", f"{spaces}{rng.choice(sources.SPACES)}x"]
    for odd in sources.NOT_SPACES:
        texts += [f"a{odd}b", f" {odd} 1{odd}"]
    # Combining marks and joiners after letters of other scripts.
    for _ in range(60):
        base = rng.choice(list(sources.SENTENCES.values()))
        texts.append("".join(c + chr(rng.randint(0x300, 0x36F)) * rng.randrange(3) for c in slice_of(rng, base)[:12]))
    while len(dict.fromkeys(texts)) < 2800:
        texts.append("".join(pieces(rng) for _ in range(rng.randint(2, 5))))
    return list(dict.fromkeys(texts))


def write(name, rows):
    with open(HERE / name, "w", encoding="utf-8", newline="\n") as out:
        for row in rows:
            out.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")
    print(name, len(rows), "rows")


def write_encode(name, tokenizer, texts):
    write(name, [{"text": text, "ids": tokenizer.encode(text, add_special_tokens=False).ids} for text in texts])


def write_decode(name, tokenizer, texts, rng, num_rows):
    """Ids of pieces of texts, of random tokens, beyond the vocabulary, and special ones."""
    rows = []
    size = tokenizer.get_vocab_size()
    while len(rows) < num_rows:
        ids = []
        for _ in range(rng.randint(1, 4)):
            kind = rng.randrange(8)
            if kind < 4:
                found = tokenizer.encode(rng.choice(texts), add_special_tokens=False).ids
                begin = rng.randrange(len(found) + 1)
                ids += found[begin:begin + rng.randint(1, 10)]
            elif kind == 4:
                ids += [rng.randrange(size) for _ in range(rng.randint(1, 5))]
            elif kind == 5:
                ids += tokenizer.encode(rng.choice(sources.CLEAN_UP), add_special_tokens=False).ids
            elif kind == 6:
                ids.append(rng.choice([size, size + 1, 51199, 1 << 30]))
            else:
                ids.append(tokenizer.token_to_id("<|endoftext|>"))
        kept = tokenizer.decode(ids, skip_special_tokens=False)
        skipped = tokenizer.decode(ids, skip_special_tokens=True)
        rows.append({"ids": ids, "kept": kept, "skipped": skipped, "clean": clean_up(skipped)})
    write(name, rows)


def train_tiny():
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=420, special_tokens=["<|endoftext|>"], show_progress=False,
                                  initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    tokenizer.train_from_iterator(list(sources.SENTENCES.values()) + sources.CODE, trainer)
    return json.loads(tokenizer.to_str())


def added(content, token_id, special, normalized):
    return {"id": token_id, "content": content, "single_word": False, "lstrip": False, "rstrip": False,
            "normalized": normalized, "special": special}


def tiny_variants():
    """Shapes that a tokenizer.json may have, all of the same merges."""
    tiny = train_tiny()
    assert isinstance(tiny["model"]["merges"][0], list)
    size = len(tiny["model"]["vocab"])

    bare = json.loads(json.dumps(tiny))
    bare["added_tokens"] = []

    split = json.loads(json.dumps(tiny))
    split["model"]["merges"] = [" ".join(pair) for pair in split["model"]["merges"]]
    split["pre_tokenizer"] = {"type": "Sequence", "pretokenizers": [
        {"type": "Split", "pattern": {"Regex": GPT2_EXPRESSION}, "behavior": "Isolated", "invert": False},
        {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False}]}
    # Overlaps within and between the two passes in which added tokens are found.
    contents = [("  ", False, True), ("a b", False, True), ("b c", False, False), ("b cd", False, False), ("é", True, False),
                ("Ġx", False, True), ("<|a|>", True, False), ("<|a|><|b|>", True, True), ("né", False, False)]
    vocab = split["model"]["vocab"]
    for content, special, normalized in contents:
        token_id = vocab.get(content, size)
        size += token_id == size
        split["added_tokens"].append(added(content, token_id, special, normalized))

    prefix = json.loads(json.dumps(tiny))
    prefix["pre_tokenizer"]["add_prefix_space"] = True

    whole = json.loads(json.dumps(tiny))
    whole["pre_tokenizer"]["use_regex"] = False
    return {"tiny": tiny, "tiny-bare": bare, "tiny-split": split, "tiny-prefix": prefix, "tiny-whole": whole}


OVERLAPS = ["a b cd", "a b c", "xa b  cd", "b cd b c", "a  b c", "<|a|><|b|>", "<|a|><|b|", "nééné", "Ġx x", " Ġx", "a ba b c", "  b cd  "]


def main():
    texts = lines(random.Random(SEED))
    published = Tokenizer.from_file(str(HERE / "codegen-tokenizer.json"))
    write_encode("codegen-encode.jsonl", published, texts)
    write_decode("codegen-decode.jsonl", published, texts, random.Random(SEED + 1), 600)
    some = OVERLAPS + random.Random(SEED + 2).sample(texts, 160)
    for name, content in tiny_variants().items():
        path = HERE / f"{name}-tokenizer.json"
        path.write_text(json.dumps(content, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
        tokenizer = Tokenizer.from_file(str(path))
        write_encode(f"{name}-encode.jsonl", tokenizer, some)
        if name in ("tiny", "tiny-split"):
            write_decode(f"{name}-decode.jsonl", tokenizer, some, random.Random(SEED + 3), 120)


main()
