"""Loads a saved classifier as its users would, and prints what it says about pairs of sentences."""

import json
import sys

import torch
import transformers
from transformers import AutoModelForSequenceClassification, AutoTokenizer

folder, pairs = sys.argv[1], json.loads(sys.argv[2])
transformers.logging.set_verbosity_error()
torch.set_num_threads(1)
model, report = AutoModelForSequenceClassification.from_pretrained(folder, output_loading_info=True)
batch = AutoTokenizer.from_pretrained(folder)(*map(list, zip(*pairs)), padding=True, return_tensors="pt")
with torch.no_grad():
    logits = model.eval()(**batch).logits
print(
    json.dumps(
        {
            "kind": type(model).__name__,
            "logits": logits.flatten().tolist(),
            "labels": model.config.id2label,
            "problem": model.config.problem_type,
            "misfits": [str(name) for key in ("missing_keys", "unexpected_keys", "mismatched_keys") for name in report[key]],
        }
    )
)
