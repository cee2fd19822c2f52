"""What PyTorch, transformers and tokenizers say, written as fixtures for test/models and test/peft.

`npm run parity` runs this in the environment of its own; `npm test` compares against what it wrote.
Sentences are the project's own. Of GLUE only hashes of token ids are written, never its text.
"""

import argparse
import hashlib
import itertools
import json
import math
import random
import types
from pathlib import Path

import peft
import tokenizers
import torch
import transformers
from transformers import BertForSequenceClassification, BertModel

# Columns that hold the sentences, and whether the first line is a header.
GLUE = {
    "CoLA/train.tsv": ([3], False),
    "CoLA/dev.tsv": ([3], False),
    "CoLA/test.tsv": ([1], True),
    "MRPC/train.tsv": ([3, 4], True),
    "MRPC/dev.tsv": ([3, 4], True),
    "MRPC/test.tsv": ([3, 4], True),
    "STS-B/train.tsv": ([7, 8], True),
    "STS-B/dev.tsv": ([7, 8], True),
    "STS-B/test.tsv": ([7, 8], True),
}
STEPS, BATCH = 20, 8


def main() -> None:
    root = Path(__file__).resolve().parents[2]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=Path, default=root / "data/weights/all-minilm-l6-v2")
    parser.add_argument("--out", type=Path, default=root / "test/fixtures")
    parser.add_argument("--glue", type=Path, help="GLUE's folder; without it the hashes stay as they are")
    parser.add_argument("--glue-ids", type=Path, help="also write every row's token ids into this folder, to find a difference")
    options = parser.parse_args()
    transformers.logging.set_verbosity_error()
    torch.set_num_threads(1)

    encode = encoder(options.weights)
    write(options.out / "models/tokens.json", tokens(encode))
    write(options.out / "models/states.json", states(options.weights, encode))
    write(options.out / "peft/steps.json", steps(options.weights, encode))
    write(options.out / "peft/methods.json", methods(options.weights, encode))
    if options.glue:
        write(options.out / "models/glue-ids.json", glue_ids(encode, options.glue, options.glue_ids))


def write(path: Path, value: dict) -> None:
    versions = {m.__name__: m.__version__ for m in (torch, transformers, tokenizers, peft)}
    path.write_text(json.dumps({"written_with": versions, **value}, separators=(",", ":")) + "\n")
    print(f"{path}: {path.stat().st_size} bytes", flush=True)


def encoder(weights: Path):
    made = {}

    def encode(text: str, pair: str | None, max_tokens: int) -> tokenizers.Encoding:
        if max_tokens not in made:
            made[max_tokens] = tokenizers.Tokenizer.from_file(str(weights / "tokenizer.json"))
            made[max_tokens].no_padding()
            made[max_tokens].enable_truncation(max_tokens, strategy="longest_first")
        return made[max_tokens].encode(text, pair)

    return encode


# ---------------------------------------------------------------- token ids

TEXTS = [
    "A plain sentence, nothing more.",
    "  Leading,  double\tand trailing blanks \u00a0and\u3000wide ones  ",
    "Caf\u00e9, na\u00efve, \u00c5ngstr\u00f6m, S\u00e3o Paulo, \u0130stanbul, stra\u00dfe, \u0141\u00f3d\u017a, cre\u0300me bru\u0302le\u0301e",
    "\u6771\u4eac\u3067\u96ea\u304c\u964d\u308b, \u5317\u4eac\u4e0b\u96ea\u4e86, \uc11c\uc6b8\uc5d0 \ub208\uc774 \uc628\ub2e4.",
    "Rare ideographs \U00020000\U0002a6a5 and compatibility ones \uf900\U0002f800 here.",
    "Smile \U0001f600, family \U0001f468\u200d\U0001f469\u200d\U0001f467, flag \U0001f1f3\U0001f1f1, thumb \U0001f44d\U0001f3fd!",
    "\u201cCurly\u201d \u2018quotes\u2019, \u00abguillemets\u00bb, \"straight\" 'ones', ``ticks'' and don't.",
    "Dashes \u2014 and \u2013 and - and \u2026 ellipsis... $3.50, 50% off; #1 @home & more <b>~^|`</b>",
    "Control\u0000 \u0007characters\u200b, soft\u00adhyphen, zero\ufeffwidth, replacement \ufffd.",
    "\u0395\u03bb\u03bb\u03b7\u03bd\u03b9\u03ba\u03ac \u03a3\u03af\u03c3\u03c5\u03c6\u03bf\u03a3, \u0420\u0443\u0441\u0441\u043a\u0438\u0439 \u0439\u0451, \u0639\u0631\u0628\u064a\u0651\u0629, \u05e2\u05b4\u05d1\u05b0\u05e8\u05b4\u05d9\u05ea, \u0939\u093f\u0928\u094d\u0926\u0940, \u0e44\u0e17\u0e22",
    "Mathematics: \u2200x\u2208\u211d, x\u00b2\u22650, \U0001d400\U0001d4d0, \u216b, \u00bd, \ufb01ne, \uff26\uff35\uff2c\uff2c",
    "Special words [CLS], [SEP] and [MASK] in a text, [sep] and [ MASK ] too.",
    "antidisestablishmentarianism pneumonoultramicroscopicsilicovolcanoconiosis",
    "x" * 100 + " " + "y" * 101,
    "",
    " ",
]


def tokens(encode) -> dict:
    long = [" ".join(f"word{i}" for i in range(n)) for n in (3, 9, 10, 11, 40)]
    cases = [(text, None, 128) for text in [*TEXTS, long[-1]]]
    cases += [(a, b, 128) for a, b in zip(TEXTS, TEXTS[1:])]
    cases += [(text, None, limit) for text in long for limit in (4, 9)]
    cases += [(a, b, limit) for a, b in itertools.product(long, long) for limit in (16, 17, 40, 63)]
    rows = []
    for text, pair, limit in cases:
        e = encode(text, pair, limit)
        rows.append({"text": text, "pair": pair, "maxTokens": limit, "ids": e.ids, "types": e.type_ids})
    return {"rows": rows}


def glue_ids(encode, folder: Path, details: Path | None) -> dict:
    """SHA-256 a file and limit, over a line a row: ids, a tab, type ids."""
    hashes = {}
    for name, (columns, header) in GLUE.items():
        rows = [line.split("\t") for line in (folder / name).read_text("utf-8").split("\n") if line][int(header) :]
        for limit in (128, 24):
            lines = []
            for row in rows:
                e = encode(*(row[c] for c in columns), *([None] if len(columns) == 1 else []), limit)
                lines.append(f"{' '.join(map(str, e.ids))}\t{' '.join(map(str, e.type_ids))}\n")
            hashes[f"{name} {limit}"] = {
                "rows": len(lines),
                "sha256": hashlib.sha256("".join(lines).encode()).hexdigest(),
            }
            if details:
                details.mkdir(parents=True, exist_ok=True)
                (details / f"{name.replace('/', '-')}.{limit}").write_text("".join(lines))
    return {"files": hashes}


# ---------------------------------------------------------------- hidden states and logits

PAIRS = [
    ("The gardener watered the tulips before noon.", "Before noon, the tulips were watered by the gardener."),
    ("Two ferries crossed the strait in heavy rain.", "The museum is closed on Mondays."),
    ("Nobody expected the bridge to reopen this year, least of all the fishermen.", "It did."),
    ("Prices rose 4.5 percent.", "Prices fell by almost half a percent in the same quarter, the office said."),
]


def pad(encodings: list, length: int | None = None) -> dict:
    length = length or max(len(e.ids) for e in encodings)
    fill = lambda values: [*values, *[0] * (length - len(values))]
    return {
        "tokens": length,
        "ids": [fill(e.ids) for e in encodings],
        "types": [fill(e.type_ids) for e in encodings],
        "mask": [fill([1] * len(e.ids)) for e in encodings],
    }


def tensors(batch: dict) -> dict:
    return {
        "input_ids": torch.tensor(batch["ids"]),
        "token_type_ids": torch.tensor(batch["types"]),
        "attention_mask": torch.tensor(batch["mask"]),
    }


def classifier(outputs: int, hidden: int, seed: int) -> torch.Tensor:
    return torch.randn(outputs, hidden, generator=torch.Generator().manual_seed(seed)) * 0.02


def rounded(tensor: torch.Tensor) -> list:
    return [float(f"{value:.8g}") for value in tensor.detach().double().flatten().tolist()]


def model(weights: Path, head: torch.Tensor) -> BertForSequenceClassification:
    made = BertForSequenceClassification.from_pretrained(weights, num_labels=head.shape[0])
    with torch.no_grad():
        made.classifier.weight.copy_(head)
        made.classifier.bias.zero_()
    return made.eval()


def states(weights: Path, encode) -> dict:
    batch = pad([encode(a, b, 64) for a, b in PAIRS])
    base = BertModel.from_pretrained(weights).eval()
    head = classifier(2, base.config.hidden_size, 11)
    with torch.no_grad():
        out = base(**tensors(batch), output_hidden_states=True)
        logits = model(weights, head)(**tensors(batch)).logits
    real = torch.tensor(batch["mask"]).bool()
    return {
        "batch": batch,
        # Embeddings and every layer at the real tokens, every 24th channel.
        "every": 24,
        "hidden": [rounded(h[real][:, ::24]) for h in out.hidden_states],
        "last": rounded(out.last_hidden_state[:, 0]),
        "pooled": rounded(out.pooler_output),
        "classifier": rounded(head),
        "logits": rounded(logits),
    }


# ---------------------------------------------------------------- twenty training steps

SUBJECTS = ["the baker", "a tall nurse", "our neighbour", "the old pilot", "every student", "a stray dog"]
VERBS = ["sold", "found", "painted", "forgot", "carried", "admired"]
OBJECTS = ["the red bicycle", "two letters", "a broken clock", "the harbour map", "some warm bread", "an umbrella"]


def steps(weights: Path, encode) -> dict:
    draw = random.Random(5)
    batches = []
    for step in range(STEPS):
        rows, labels = [], []
        for _ in range(BATCH):
            s, v, o = draw.choice(SUBJECTS), draw.choice(VERBS), draw.choice(OBJECTS)
            same = draw.random() < 0.6
            other = o if same else draw.choice([x for x in OBJECTS if x != o])
            # Some batches are short and some long.
            tail = " while it was raining over the northern hills" if step % 3 == 0 else ""
            rows.append(encode(f"{s} {v} {o}{tail}.", f"{other} {v} by {s}", 40))
            labels.append(int(same))
        batches.append({**pad(rows, 40 if step % 3 == 0 else 24), "labels": labels})
    rates = [min((i + 1) / 2, (STEPS - i) / (STEPS - 2)) for i in range(STEPS)]
    runs = [
        run(weights, batches, rates, "full", 5e-5, "classes"),
        run(weights, batches, rates, "bitfit", 2e-3, "classes"),
        run(weights, batches, rates, "bitfit", 2e-3, "score"),
    ]
    return {"batches": batches, "rates": rates, "runs": runs}


def run(weights: Path, batches: list, rates: list, method: str, rate: float, target: str) -> dict:
    net = model(weights, head := classifier(2 if target == "classes" else 1, 384, 12))
    for name, p in net.named_parameters():
        p.requires_grad = method == "full" or name.endswith("bias") or is_head(name)
    return {
        "method": method,
        "target": target,
        "rate": rate,
        "trainable": sum(p.numel() for p in net.parameters() if p.requires_grad),
        "classifier": rounded(head),
        "losses": losses(net, batches, [rate * factor for factor in rates], target),
    }


def is_head(name: str) -> bool:
    return "pooler" in name or "classifier" in name


def losses(net: torch.nn.Module, batches: list, rates: list, target: str) -> list:
    """The loss before each step of AdamW; biases and layer norms do not decay; clipped at 1."""
    trained = [(n, p) for n, p in net.named_parameters() if p.requires_grad]
    plain = lambda name: name.endswith("bias") or "LayerNorm" in name
    groups = [
        {"params": [p for n, p in trained if not plain(n)], "weight_decay": 0.01},
        {"params": [p for n, p in trained if plain(n)], "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(groups, lr=0.0, betas=(0.9, 0.999), eps=1e-8)
    seen = []
    for batch, rate in zip(batches, rates):
        for group in optimizer.param_groups:
            group["lr"] = rate
        logits = net(**tensors(batch)).logits
        if target == "classes":
            loss = torch.nn.functional.cross_entropy(logits, torch.tensor(batch["labels"]))
        else:
            loss = torch.nn.functional.mse_loss(logits[:, 0], torch.tensor(batch["labels"]).float())
        loss.backward()
        torch.nn.utils.clip_grad_norm_([p for _, p in trained], 1.0)
        optimizer.step()
        optimizer.zero_grad()
        seen.append(float(f"{loss.item():.8g}"))
    return seen


# ---------------------------------------------------------------- methods with parameters of their own


def adapter(width: int, size: int) -> torch.nn.ModuleDict:
    return torch.nn.ModuleDict({"down": torch.nn.Linear(width, size), "up": torch.nn.Linear(size, width)})


def houlsby(net: BertForSequenceClassification) -> BertForSequenceClassification:
    """After both sub-layers: h + up(gelu(down(h))), then residual and norm; layer norms train."""

    def forward(self, hidden_states, input_tensor):
        h = self.dropout(self.dense(hidden_states))
        h = h + self.adapter["up"](torch.nn.functional.gelu(self.adapter["down"](h)))
        return self.LayerNorm(h + input_tensor)

    for layer in net.bert.encoder.layer:
        for place in (layer.attention.output, layer.output):
            place.adapter = adapter(384, 64)
            place.forward = types.MethodType(forward, place)
    return net


def pfeiffer(net: BertForSequenceClassification) -> BertForSequenceClassification:
    """After the feed-forward: x = LN(h + r), LN(h + up(relu(down(x))) + r)."""

    def forward(self, hidden_states, input_tensor):
        h = self.dropout(self.dense(hidden_states))
        x = self.LayerNorm(h + input_tensor)
        return self.LayerNorm(h + self.adapter["up"](torch.relu(self.adapter["down"](x))) + input_tensor)

    for layer in net.bert.encoder.layer:
        layer.output.adapter = adapter(384, 24)
        layer.output.forward = types.MethodType(forward, layer.output)
    return net


def lora(net: BertForSequenceClassification) -> torch.nn.Module:
    return peft.get_peft_model(net, peft.LoraConfig(r=8, lora_alpha=16, target_modules=["query", "value"]))


def own_name(name: str) -> str:
    return name.removeprefix("base_model.model.").replace(".default.", ".").replace(".base_layer.", ".")


def wave(name: str, size: int) -> torch.Tensor:
    """Values that both sides can make from a parameter's name."""
    phase = sum(map(ord, name)) % 97
    return torch.tensor([0.05 * math.sin(0.37 * i + phase) for i in range(size)])


def methods(weights: Path, encode) -> dict:
    batch = {**pad([encode(a, b, 64) for a, b in PAIRS]), "labels": [1, 0, 0, 1]}
    head = classifier(2, 384, 13)
    rows = []
    for build, settings in ((lora, {"rank": 8, "alpha": 16}), (houlsby, {"bottleneck": 64}), (pfeiffer, {"reduction": 16})):
        net = build(model(weights, head)).eval()
        for name, p in net.named_parameters():
            own = "lora_" in name or ".adapter." in name
            p.requires_grad = own or is_head(name) or (build is houlsby and "LayerNorm" in name)
            if own:
                with torch.no_grad():
                    p.copy_(wave(own_name(name), p.numel()).reshape(p.shape))
        with torch.no_grad():
            logits = net(**tensors(batch)).logits
        rows.append(
            {
                "method": build.__name__,
                "settings": settings,
                "trainable": sum(p.numel() for p in net.parameters() if p.requires_grad),
                "logits": rounded(logits),
                "losses": losses(net, [batch] * 6, [1e-3] * 6, "classes"),
            }
        )
    return {"batch": batch, "classifier": rounded(head), "rate": 1e-3, "rows": rows}


if __name__ == "__main__":
    main()
