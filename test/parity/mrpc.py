"""PyTorch's side of the parity table: the plan's batches, heads and rates, one record a (method, seed).

The plan is written by test/parity/plan.ts; nothing is drawn here but dropout masks.
A finished record of the same plan is not run again.
"""

import argparse
import hashlib
import json
import os
import platform
import re
import time
from pathlib import Path

import numpy
import sklearn
import torch
import transformers
from sklearn.metrics import accuracy_score, f1_score
from transformers import BertForSequenceClassification


def main() -> None:
    options = arguments()
    transformers.logging.set_verbosity_error()  # the missing classifier is the plan's
    plan_bytes = Path(options.plan).read_bytes()
    plan, fingerprint = json.loads(plan_bytes), hashlib.sha256(plan_bytes).hexdigest()
    for seed in options.seeds:
        target = Path(options.out) / f"pytorch-{options.method}-{seed}.json"
        if finished(target, fingerprint):
            print(f"{target.name}: already there", flush=True)
            continue
        record = run(plan, seed, options)
        if options.limit_steps is not None:
            print(json.dumps(record), flush=True)
            continue
        write(target, {**record, "plan": fingerprint})
        print(
            f"{target.name}: accuracy {record['accuracy']:.2f}, F1 {record['f1']:.2f}, "
            f"{record['seconds']:.0f} s",
            flush=True,
        )


def run(plan: dict, seed: int, options: argparse.Namespace) -> dict:
    recipe, chosen = plan["recipe"], next(s for s in plan["seeds"] if s["seed"] == seed)
    device = torch.device(options.device)
    torch.manual_seed(seed)
    torch.set_float32_matmul_precision("highest")

    model = BertForSequenceClassification.from_pretrained(options.weights, num_labels=2)
    if model.config.hidden_dropout_prob != recipe["dropout"]:
        raise SystemExit(f"dropout is {model.config.hidden_dropout_prob}, the plan's is {recipe['dropout']}")
    with torch.no_grad():
        model.classifier.weight.copy_(torch.tensor(chosen["classifier"]))
        model.classifier.bias.zero_()
    for name, parameter in model.named_parameters():
        parameter.requires_grad = trains(name, options.method)
    model.to(device)

    trained = {n: p for n, p in model.named_parameters() if p.requires_grad}
    kept = [p for n, p in trained.items() if n.endswith(".bias") or "LayerNorm" in n]
    decayed = [p for n, p in trained.items() if not (n.endswith(".bias") or "LayerNorm" in n)]
    optimizer = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": recipe["decay"]}, {"params": kept, "weight_decay": 0.0}],
        lr=0.0,
        betas=tuple(recipe["betas"]),
        eps=recipe["epsilon"],
    )

    model.train()
    losses, start = [], time.perf_counter()
    steps = len(chosen["batches"]) if options.limit_steps is None else options.limit_steps
    for step, rows in enumerate(chosen["batches"][:steps]):
        for group in optimizer.param_groups:
            group["lr"] = recipe["learningRate"][options.method] * recipe["rates"][step]
        inputs, labels = batch([plan["train"][row] for row in rows], recipe["multiple"], device)
        loss = torch.nn.functional.cross_entropy(model(**inputs).logits, labels)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained.values(), recipe["clip"])
        optimizer.step()
        losses.append(loss.item())
        if (step + 1) % 20 == 0:
            rate = (time.perf_counter() - start) / (step + 1)
            print(f"{options.method} seed {seed}: step {step + 1}/{steps}, {rate:.2f} s a step", flush=True)
    seconds = time.perf_counter() - start

    predictions = predict(model, plan, device)
    truth = [row["label"] for row in plan["dev"]]
    return {
        "side": "pytorch",
        "method": options.method,
        "seed": seed,
        "trainable": sum(p.numel() for p in trained.values()),
        "steps": steps,
        "accuracy": 100 * accuracy_score(truth, predictions),
        "f1": 100 * f1_score(truth, predictions),
        "seconds": seconds,
        "device": torch.cuda.get_device_name() if device.type == "cuda" else processor(),
        "versions": {
            "python": platform.python_version(),
            "torch": torch.__version__,
            "transformers": transformers.__version__,
            "scikit-learn": sklearn.__version__,
            "numpy": numpy.__version__,
        },
        "losses": epoch_means(losses, -(-len(chosen["batches"]) // recipe["epochs"])),
        "predictions": "".join(map(str, predictions)),
    }


def epoch_means(losses: list[float], steps: int) -> list[float]:
    epochs = [losses[start : start + steps] for start in range(0, len(losses), steps)]
    return [sum(epoch) / len(epoch) for epoch in epochs]


def trains(name: str, method: str) -> bool:
    """BitFit (Ben Zaken et al. 2022): the encoder's biases, layer norms' included; the head trains in both."""
    head = name.startswith(("classifier.", "bert.pooler."))
    return head or method == "full" or name.endswith(".bias")


def batch(rows: list[dict], multiple: int, device: torch.device) -> tuple[dict, torch.Tensor]:
    """Pads to the longest row's next multiple; the other side has no padding."""
    width = -(-max(len(row["ids"]) for row in rows) // multiple) * multiple
    ids, types, mask = (torch.zeros(len(rows), width, dtype=torch.long) for _ in range(3))
    for index, row in enumerate(rows):
        length = len(row["ids"])
        ids[index, :length] = torch.tensor(row["ids"])
        types[index, row["second"] : length] = 1
        mask[index, :length] = 1
    inputs = {"input_ids": ids, "token_type_ids": types, "attention_mask": mask}
    labels = torch.tensor([row["label"] for row in rows])
    return {name: value.to(device) for name, value in inputs.items()}, labels.to(device)


@torch.no_grad()
def predict(model: BertForSequenceClassification, plan: dict, device: torch.device) -> list[int]:
    model.eval()
    size, answers = plan["recipe"]["batch"], []
    for start in range(0, len(plan["dev"]), size):
        inputs, _ = batch(plan["dev"][start : start + size], plan["recipe"]["multiple"], device)
        answers += model(**inputs).logits.argmax(-1).tolist()
    return answers


def processor() -> str:
    """As the operating system names it; Python's own answer is empty on Linux."""
    information = Path("/proc/cpuinfo")
    names = re.findall(r"model name\s*: (.+)", information.read_text()) if information.exists() else []
    return names[0] if names else platform.processor() or platform.machine()


def finished(target: Path, fingerprint: str) -> bool:
    return target.exists() and json.loads(target.read_text())["plan"] == fingerprint


def write(target: Path, record: dict) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_suffix(".part")
    part.write_text(json.dumps(record) + "\n")
    os.replace(part, target)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--plan", required=True)
    parser.add_argument("--weights", required=True, help="Hugging Face folder of the encoder")
    parser.add_argument("--out", required=True, help="folder of the records")
    parser.add_argument("--method", required=True, choices=["full", "bitfit"])
    parser.add_argument("--seeds", default=[1, 2, 3, 4, 5], type=lambda text: [int(s) for s in text.split(",")])
    parser.add_argument("--device", default="cpu", choices=["cpu", "cuda"])
    parser.add_argument("--limit-steps", type=int, help="try that many steps and write nothing")
    return parser.parse_args()


if __name__ == "__main__":
    main()
