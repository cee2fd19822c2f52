import { readSafetensors } from "../models";
import { type AdaptedModel, adapt, methodByName } from "../peft";
import { outputsFor } from "./assemble";
import { encoder } from "./plan";
import { runFolder } from "./store";
import type { RunRecord } from "./types";

/**
 * The model of a run as trained.
 *
 * @param folder of the encoder; default: where it was
 * @throws when the run diverged, or the encoder is not the one that it was trained on
 */
export function trainedModel(
  record: RunRecord,
  store: string,
  folder = record.model.folder,
): { model: AdaptedModel; delta: ReturnType<AdaptedModel["delta"]> } {
  if (record.status === "diverged") {
    throw new Error(`Run ${record.hash} diverged: there is nothing trained to use.`);
  }
  const pretrained = encoder(folder);
  if (pretrained.fingerprint !== record.model.fingerprint) {
    throw new Error(
      `Run ${record.hash} was trained on another ${record.model.name} than the one in ${folder} ` +
        `(fingerprint ${record.model.fingerprint}, found ${pretrained.fingerprint}). Name the right folder.`,
    );
  }
  const { method, head, seeds } = record.specification;
  const model = adapt({
    pretrained,
    method: methodByName(method.name, method.settings),
    head,
    outputs: outputsFor(record.definition.target),
    seed: seeds.init,
  });
  return { model, delta: readSafetensors(runFolder(store, record.hash).trained) };
}
