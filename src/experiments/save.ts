import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { HostTensor, ParameterMap } from "../engine";
import type { Standardisation } from "../glue/targets";
import { saveClassifier } from "../models";
import { writeWhole } from "../models/files";
import { runFolder } from "./store";
import { trainedModel } from "./trained";
import type { RunRecord } from "./types";

/**
 * Leaves a trained run in a folder of its own: `run.json`, its record, and `trained.safetensors`, what was trained
 * and nothing else. Where the method can be folded into the encoder, `merged/` is the whole model as transformers'
 * `BertForSequenceClassification` loads it, with scores on the task's own scale.
 *
 * @throws when the run diverged
 */
export function saveRun(record: RunRecord, store: string, folder: string): void {
  const { model, delta } = trainedModel(record, store);
  mkdirSync(folder, { recursive: true });
  writeWhole(join(folder, "run.json"), `${JSON.stringify(record, null, 2)}\n`);
  copyFileSync(runFolder(store, record.hash).trained, join(folder, "trained.safetensors"));
  if (!model.mergeable || model.head === "mean") return;
  const { target } = record.definition;
  saveClassifier(join(folder, "merged"), {
    pretrained: model.pretrained,
    parameters: onTaskScale(model.merge(delta), record.standardisation),
    target: target.kind === "classes" ? target : { kind: "score" },
  });
}

/** A classifier whose one output is the score itself, not the standardised one. */
function onTaskScale(parameters: ParameterMap, scale: Standardisation | null): ParameterMap {
  if (!scale) return parameters;
  const changed = (name: string, by: (value: number) => number): [string, HostTensor] => {
    const { shape, data } = parameters.get(name)!;
    return [name, { shape, data: data.map(by) }];
  };
  return new Map([
    ...parameters,
    changed("classifier.weight", (value) => value * scale.deviation),
    changed("classifier.bias", (value) => value * scale.deviation + scale.mean),
  ]);
}
