"""A model with a method, ready to be trained: peft's where it has the method, else the same arithmetic as ours."""

import torch
from torch.nn.functional import gelu
from transformers import BertForSequenceClassification
from transformers.modeling_outputs import SequenceClassifierOutput


def prepare(work: dict) -> torch.nn.Module:
    """The work's model and method; the classifier starts from the work's values, with bias 0."""
    outputs = len(work["classifier"])
    model = BertForSequenceClassification.from_pretrained(work["model"], num_labels=outputs, dtype=torch.float32)
    found = {model.config.hidden_dropout_prob, model.config.attention_probs_dropout_prob}
    if found != {work["recipe"]["dropout"]}:
        raise SystemExit(f"dropout is {found}, the work's {work['recipe']['dropout']}")
    with torch.no_grad():
        model.classifier.weight.copy_(torch.tensor(work["classifier"]))
        model.classifier.bias.zero_()
    return methods[work["method"]](model, work["settings"])


def train(model: torch.nn.Module, wanted) -> torch.nn.Module:
    """Only what is wanted trains, and the head."""
    for name, parameter in model.named_parameters():
        parameter.requires_grad = is_head(name) or wanted(name)
    return model


def is_head(name: str) -> bool:
    return "pooler." in name or name.startswith("classifier.")


def full(model, settings):
    return train(model, lambda name: True)


def bitfit(model, settings):
    return train(model, lambda name: name.endswith(".bias"))


def top(model, settings):
    """The uppermost layers."""
    first = model.config.num_hidden_layers - settings["layers"]
    wanted = tuple(f"bert.encoder.layer.{layer}." for layer in range(first, model.config.num_hidden_layers))
    return train(model, lambda name: name.startswith(wanted))


def lora(model, settings):
    import peft  # takes seconds, which the others need not wait

    return peft.get_peft_model(
        model,
        peft.LoraConfig(
            task_type=peft.TaskType.SEQ_CLS,
            r=settings["rank"],
            lora_alpha=settings["alpha"],
            lora_dropout=0.0,
            target_modules=["query", "value"],
            modules_to_save=["pooler", "classifier"],
        ),
    )


class HeadOnly(torch.nn.Module):
    """Pooler and classifier on a frozen encoder, which runs without a record for gradients."""

    def __init__(self, model):
        super().__init__()
        self.encoder, self.pooler, self.classifier = model.bert, model.bert.pooler, model.classifier
        self.dropout = model.dropout
        self.encoder.pooler = None

    def forward(self, **inputs):
        with torch.no_grad():
            states = self.encoder(**inputs).last_hidden_state
        return SequenceClassifierOutput(logits=self.classifier(self.dropout(self.pooler(states))))


def head_only(model, settings):
    return HeadOnly(train(model, lambda name: False))


class Adapter(torch.nn.Module):
    def __init__(self, width: int, size: int, initial):
        super().__init__()
        self.down, self.up = torch.nn.Linear(width, size), torch.nn.Linear(size, width)
        for map in (self.down, self.up):
            initial(map.weight)
            torch.nn.init.zeros_(map.bias)


class Houlsby(torch.nn.Module):
    """The end of a sub-layer: h + up(gelu(down(h))), then residual and norm (Houlsby et al. 2019)."""

    def __init__(self, base, size: int):
        super().__init__()
        self.dense, self.dropout, self.LayerNorm = base.dense, base.dropout, base.LayerNorm
        initial = lambda w: torch.nn.init.trunc_normal_(w, std=1e-3, a=-2e-3, b=2e-3)
        self.adapter = Adapter(base.dense.out_features, size, initial)

    def forward(self, hidden_states, input_tensor):
        h = self.dropout(self.dense(hidden_states))
        return self.LayerNorm(h + self.adapter.up(gelu(self.adapter.down(h))) + input_tensor)


def houlsby(model, settings):
    for layer in model.bert.encoder.layer:
        layer.attention.output = Houlsby(layer.attention.output, settings["bottleneck"])
        layer.output = Houlsby(layer.output, settings["bottleneck"])
    return train(model, lambda name: "LayerNorm" in name or ".adapter." in name)


class Pfeiffer(torch.nn.Module):
    """The end of the feed-forward: x = LN(h + r), LN(h + up(relu(down(x))) + r) (Pfeiffer et al. 2020)."""

    def __init__(self, base, size: int):
        super().__init__()
        self.dense, self.dropout, self.LayerNorm = base.dense, base.dropout, base.LayerNorm
        self.adapter = Adapter(base.dense.out_features, size, lambda w: torch.nn.init.normal_(w, std=0.02))

    def forward(self, hidden_states, input_tensor):
        total = self.dropout(self.dense(hidden_states)) + input_tensor
        adapted = self.adapter.up(torch.relu(self.adapter.down(self.LayerNorm(total))))
        return self.LayerNorm(total + adapted)


def pfeiffer(model, settings):
    for layer in model.bert.encoder.layer:
        layer.output = Pfeiffer(layer.output, model.config.hidden_size // settings["reduction"])
    return train(model, lambda name: ".adapter." in name)


methods = {
    "full": full,
    "head-only": head_only,
    "bitfit": bitfit,
    "top": top,
    "lora": lora,
    "houlsby": houlsby,
    "pfeiffer": pfeiffer,
}
