import { execFileSync } from "node:child_process";
import { appendFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { python } from "../../src/setup/paths";
import { papermillStep } from "../../src/setup/steps/papermill";
import { temporaryFolder } from "./temporary";

it("puts the translator where Python finds it and its entry point, and mends it", async () => {
  const environment = join(temporaryFolder(), ".venv");
  const site = join(environment, "lib", "python3.11", "site-packages");
  const step = papermillStep(environment);
  expect(step.isDone()).toBe(false);
  mkdirSync(site, { recursive: true });
  expect(step.isDone()).toBe(false);
  await step.run();
  expect(step.isDone()).toBe(true);

  const question =
    "import sys; sys.path.insert(0, sys.argv[1]); from importlib.metadata import distribution; d = distribution('peftlab-papermill'); print(d.version, [(e.group, e.value) for e in d.entry_points], d._path.parent)";
  const found = execFileSync(python, ["-c", question, site], { encoding: "utf8" });
  expect(found.trim()).toBe(`0.1.0 [('papermill.engine', 'peftlab_papermill:Engine')] ${site}`);

  appendFileSync(join(site, "peftlab_papermill.py"), "# changed\n");
  expect(step.isDone()).toBe(false);
  await step.run();
  expect(step.isDone()).toBe(true);
});
