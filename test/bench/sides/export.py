"""Writes a work's model as ONNX, for onnxruntime: with sizes open, and attention as its optimiser knows it."""

import argparse
import json
import sys
import warnings
from pathlib import Path

sys.path.append(str(Path(__file__).parent))  # python -I leaves it out

import torch
import transformers
from methods import prepare


class Logits(torch.nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, input_ids, token_type_ids, attention_mask):
        return self.model(
            input_ids=input_ids, token_type_ids=token_type_ids, attention_mask=attention_mask
        ).logits


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", required=True)
    parser.add_argument("--out", required=True)
    options = parser.parse_args()
    warnings.filterwarnings("ignore")
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    model = prepare(json.loads(Path(options.work).read_text())).eval()
    # Tried: onnxruntime is a tenth slower on what "sdpa" and the exporter through dynamo give.
    model.set_attn_implementation("eager")
    names = ["input_ids", "token_type_ids", "attention_mask"]
    example = tuple(torch.ones(2, 8, dtype=torch.long) for _ in names)
    torch.onnx.export(
        Logits(model),
        example,
        options.out,
        input_names=names,
        output_names=["logits"],
        dynamic_axes={name: {0: "rows", 1: "tokens"} for name in names},
        dynamo=False,
    )


if __name__ == "__main__":
    main()
