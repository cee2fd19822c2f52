"""The other side of tokenising: Python's `tokenizers`, on one thread (see its variables in test/bench/run.ts)."""

import argparse
import json
import sys
import time
from pathlib import Path

sys.path.append(str(Path(__file__).parent))  # python -I leaves it out

import tokenizers
from process import peak


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", required=True)
    work = json.loads(Path(parser.parse_args().work).read_text())
    tokenizer = tokenizers.Tokenizer.from_file(str(Path(work["model"]) / "tokenizer.json"))
    tokenizer.enable_truncation(work["maxTokens"], strategy="longest_first")
    tokenizer.no_padding()
    texts = [(row["text"], row["pair"]) if "pair" in row else row["text"] for row in work["rows"]]
    milliseconds = []
    for _ in range(1 + work["passes"]):
        start = time.perf_counter()
        ids = [encoding.ids for encoding in tokenizer.encode_batch(texts)]
        milliseconds.append(1000 * (time.perf_counter() - start))
    print(
        json.dumps(
            {
                "milliseconds": milliseconds[1:],
                "peakBytes": peak(),
                "trainable": 0,
                "check": sum(map(sum, ids)) / sum(map(len, ids)),
                "threads": 1,
                "versions": {"python": sys.version.split()[0], "tokenizers": tokenizers.__version__},
            }
        )
    )


if __name__ == "__main__":
    main()
