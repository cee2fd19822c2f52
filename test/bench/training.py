"""PyTorch's side of the training benchmark: transformers and peft, in float32, with their fastest ordinary settings.

Tried on two cores: fused AdamW is a little faster than foreach; attention "sdpa", transformers' default, is as fast
as "eager" and needs less memory.

Prints one line of JSON, a `Measurement` of test/bench/work.ts.
"""

import argparse
import json
import os
import resource
import sys
import time

import peft
import torch
import transformers
from transformers import BertForSequenceClassification


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", required=True)
    parser.add_argument("--weights", required=True)
    parser.add_argument("--method", required=True, choices=["full", "bitfit", "lora"])
    options = parser.parse_args()
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    torch.set_num_threads(cores())
    torch.manual_seed(1)
    with open(options.work) as file:
        work = json.load(file)

    model = prepare(options.weights, options.method, work)
    trained = {name: p for name, p in model.named_parameters() if p.requires_grad}
    optimizer = torch.optim.AdamW(
        groups(trained, work["decay"]),
        lr=work["learningRate"][options.method],
        betas=tuple(work["betas"]),
        eps=work["epsilon"],
        fused=True,
    )
    batches = [tensors(batch) for batch in work["batches"]]

    model.train()
    milliseconds, losses = [], []
    for at in range(work["warmup"] + work["steps"]):
        start = time.perf_counter()
        inputs, labels = batches[at % len(batches)]
        loss = torch.nn.functional.cross_entropy(model(**inputs).logits, labels)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained.values(), work["clip"], foreach=True)
        optimizer.step()
        value = loss.item()
        if at >= work["warmup"]:
            milliseconds.append(1000 * (time.perf_counter() - start))
            losses.append(value)
    print(
        json.dumps(
            {
                "milliseconds": milliseconds,
                "peakBytes": peak(),
                "trainable": sum(p.numel() for p in trained.values()),
                "loss": sum(losses) / len(losses),
                "threads": torch.get_num_threads(),
                "versions": {
                    "python": sys.version.split()[0],
                    "torch": torch.__version__,
                    "transformers": transformers.__version__,
                    "peft": peft.__version__,
                },
            }
        )
    )


def prepare(weights: str, method: str, work: dict) -> torch.nn.Module:
    model = BertForSequenceClassification.from_pretrained(weights, num_labels=2)
    if model.config.hidden_dropout_prob != work["dropout"]:
        raise SystemExit(f"dropout is {model.config.hidden_dropout_prob}, the work's {work['dropout']}")
    if method == "bitfit":
        for name, parameter in model.named_parameters():
            parameter.requires_grad = name.endswith(".bias") or name.startswith(("classifier.", "bert.pooler."))
    if method == "lora":
        model = peft.get_peft_model(
            model,
            peft.LoraConfig(
                task_type=peft.TaskType.SEQ_CLS,
                r=work["lora"]["rank"],
                lora_alpha=work["lora"]["alpha"],
                lora_dropout=0.0,
                target_modules=["query", "value"],
                modules_to_save=["pooler", "classifier"],
            ),
        )
    return model


def groups(trained: dict, decay: float) -> list[dict]:
    plain = lambda name: name.endswith(".bias") or "LayerNorm" in name
    parts = {
        decay: [p for name, p in trained.items() if not plain(name)],
        0.0: [p for name, p in trained.items() if plain(name)],
    }
    return [{"params": params, "weight_decay": value} for value, params in parts.items() if params]


def tensors(batch: dict) -> tuple[dict, torch.Tensor]:
    names = {"input_ids": "ids", "token_type_ids": "types", "attention_mask": "mask"}
    return {name: torch.tensor(batch[key]) for name, key in names.items()}, torch.tensor(batch["labels"])


def cores() -> int:
    """Those that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def peak() -> int:
    """Bytes: Linux counts kilobytes, macOS bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    main()
