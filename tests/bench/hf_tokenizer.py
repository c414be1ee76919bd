"""How many MB of text a second HF tokenizers takes on one core: hf_tokenizer.py TOKENIZER_JSON TEXT_FILE.

Prints {"whole", "lines", "ids"}: the text in one call, line by line, and how many ids it has.
"""

import json
import os
import statistics
import sys
import time
from pathlib import Path

os.environ["TOKENIZERS_PARALLELISM"] = "false"
from tokenizers import Tokenizer  # noqa: E402


def megabytes_a_second(work, num_bytes: int, seconds: float = 1.0) -> float:
    """The median of as many repeats as fit."""
    work()
    times, end = [], time.perf_counter() + seconds
    while not times or time.perf_counter() < end:
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return num_bytes / statistics.median(times) / 1e6


def main() -> None:
    tokenizer = Tokenizer.from_file(sys.argv[1])
    raw = Path(sys.argv[2]).read_bytes()
    text = raw.decode()
    lines = text.splitlines(keepends=True)
    encode = lambda part: tokenizer.encode(part, add_special_tokens=False)
    print(json.dumps({"whole": megabytes_a_second(lambda: encode(text), len(raw)),
                      "lines": megabytes_a_second(lambda: [encode(line) for line in lines], len(raw)),
                      "ids": len(encode(text).ids)}))


if __name__ == "__main__":
    main()
