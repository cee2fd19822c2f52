"""PyTorch's side of the benchmark: transformers and peft, with their fastest ordinary settings.

Tried on two cores: fused AdamW is a little faster than foreach; attention "sdpa", transformers' default, is as fast
as "eager" and needs less memory.

Reads a `Work` and prints one line of JSON, a `Measurement`, both of test/bench/work.ts.
"""

import argparse
import contextlib
import importlib.metadata
import json
import sys
import time
from pathlib import Path

sys.path.append(str(Path(__file__).parent))  # python -I leaves it out

import tokenizers
import torch
import transformers
from methods import prepare
from process import cores, device_memory, peak


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", required=True)
    parser.add_argument("--compile", action="store_true", help="through torch.compile")
    options = parser.parse_args()
    work = json.loads(Path(options.work).read_text())
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    torch.set_num_threads(cores())
    torch.manual_seed(1)
    torch.backends.cuda.matmul.allow_tf32 = work["precision"] == "tf32"
    model = prepare(work).to(devices[work["device"]])
    measure = {"steps": steps, "epoch": epoch, "evaluate": evaluate}[work["kind"]]
    milliseconds, check = measure(work, model, options.compile)
    print(
        json.dumps(
            {
                "milliseconds": milliseconds,
                "peakBytes": device_memory() if work["device"] == "gpu" else peak(),
                "trainable": sum(p.numel() for p in model.parameters() if p.requires_grad),
                "check": check,
                "threads": torch.get_num_threads(),
                "versions": {
                    "python": sys.version.split()[0],
                    "torch": torch.__version__,
                    "transformers": transformers.__version__,
                    "peft": importlib.metadata.version("peft"),
                    "tokenizers": tokenizers.__version__,
                },
            }
        )
    )


def steps(work: dict, model: torch.nn.Module, compile: bool) -> tuple[list, float]:
    """Milliseconds of each step, and the mean loss."""
    step = trainer(work, torch.compile(model, dynamic=False) if compile else model)
    batches = [pad(rows) for rows in work["batches"]]
    together = work["together"]
    milliseconds, losses = [], []
    for begin in range(0, work["warmup"] + work["steps"], together):
        start = time.perf_counter()
        some = [step(*batches[at % len(batches)]) for at in range(begin, begin + together)]
        some = [loss.item() for loss in some]
        if begin >= work["warmup"]:
            milliseconds.append(1000 * (time.perf_counter() - start) / together)
            losses += some
    return milliseconds, sum(losses) / len(losses)


def epoch(work: dict, model: torch.nn.Module, compile: bool) -> tuple[list, float]:
    """Milliseconds from texts to the last step, and the mean loss."""
    step = trainer(work, torch.compile(model, dynamic=True) if compile else model)
    encode = encoder(work)

    def run(batches: list) -> list:
        needed = sorted({row for batch in batches for row in batch})
        encoded = dict(zip(needed, encode([work["rows"][row] for row in needed])))
        losses = []
        for begin in range(0, len(batches), work["together"]):
            some = batches[begin : begin + work["together"]]
            some = [step(*pad([encoded[row] for row in batch])) for batch in some]
            losses += [loss.item() for loss in some]
        return losses

    run(work["warm"])
    start = time.perf_counter()
    losses = run(work["batches"])
    return [1000 * (time.perf_counter() - start)], sum(losses) / len(losses)


def evaluate(work: dict, model: torch.nn.Module, compile: bool) -> tuple[list, float]:
    """Milliseconds of each pass over all rows for each size of batches, and the mean logit."""
    rows = sorted(encoder(work)(work["rows"]), key=lambda row: len(row["ids"]))
    model.eval()
    run = torch.compile(model, dynamic=True) if compile else model
    milliseconds = []
    with torch.inference_mode(), casts(work):
        for size in work["batches"]:
            batches = [pad(rows[at : at + size])[0] for at in range(0, len(rows), size)]
            device = devices[work["device"]]
            for turn in range(1 + work["passes"]):
                start = time.perf_counter()
                logits = torch.cat([run(**moved(inputs, device)).logits for inputs in batches]).cpu()
                if turn > 0:
                    milliseconds.append(1000 * (time.perf_counter() - start))
    return milliseconds, logits.float().mean().item()


def trainer(work: dict, model: torch.nn.Module):
    """A function that takes one step on inputs and targets, and gives the loss before it, on the device."""
    recipe = work["recipe"]
    trained = {name: p for name, p in model.named_parameters() if p.requires_grad}
    optimizer = torch.optim.AdamW(
        groups(trained, recipe["decay"]),
        lr=recipe["learningRate"],
        betas=tuple(recipe["betas"]),
        eps=recipe["epsilon"],
        fused=True,
    )
    model.train()

    device = devices[work["device"]]

    def step(inputs: dict, targets: torch.Tensor) -> torch.Tensor:
        inputs, targets = moved(inputs, device), targets.to(device)
        with casts(work):
            logits = model(**inputs).logits
            if work["target"] == "classes":
                loss = torch.nn.functional.cross_entropy(logits, targets.long())
            else:
                loss = torch.nn.functional.mse_loss(logits[:, 0], targets)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained.values(), recipe["clip"], foreach=True)
        optimizer.step()
        return loss.detach()

    return step


devices = {"cpu": "cpu", "gpu": "cuda"}


def moved(inputs: dict, device: str) -> dict:
    return {name: tensor.to(device) for name, tensor in inputs.items()}


def casts(work: dict):
    if work["precision"] != "bfloat16":
        return contextlib.nullcontext()
    return torch.autocast(devices[work["device"]], dtype=torch.bfloat16)


def groups(trained: dict, decay: float) -> list[dict]:
    plain = lambda name: name.endswith(".bias") or "LayerNorm" in name
    parts = {
        decay: [p for name, p in trained.items() if not plain(name)],
        0.0: [p for name, p in trained.items() if plain(name)],
    }
    return [{"params": params, "weight_decay": value} for value, params in parts.items() if params]


def encoder(work: dict):
    """Texts or pairs to rows of token ids: the tokenizer on all its threads."""
    tokenizer = tokenizers.Tokenizer.from_file(str(Path(work["model"]) / "tokenizer.json"))
    tokenizer.enable_truncation(work["maxTokens"], strategy="longest_first")
    tokenizer.no_padding()

    def encode(rows: list[dict]) -> list[dict]:
        texts = [(row["text"], row["pair"]) if "pair" in row else row["text"] for row in rows]
        return [
            {"ids": e.ids, "second": len(e.ids) - sum(e.type_ids), "target": row.get("target", 0)}
            for e, row in zip(tokenizer.encode_batch(texts), rows)
        ]

    return encode


def pad(rows: list[dict]) -> tuple[dict, torch.Tensor]:
    """To the longest row."""
    width = max(len(row["ids"]) for row in rows)
    ids, types, mask = (torch.zeros(len(rows), width, dtype=torch.long) for _ in range(3))
    for index, row in enumerate(rows):
        length = len(row["ids"])
        ids[index, :length] = torch.tensor(row["ids"])
        types[index, row["second"] : length] = 1
        mask[index, :length] = 1
    inputs = {"input_ids": ids, "token_type_ids": types, "attention_mask": mask}
    return inputs, torch.tensor([row["target"] for row in rows], dtype=torch.float32)


if __name__ == "__main__":
    main()
