import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { reportsFolder } from "../../src/setup/paths";
import { Browser, chromium, noChromium, type Page } from "./chromium";
import { Lab, textOf } from "./lab";

const busyFor = (milliseconds: number) =>
  `{ const end = Date.now() + ${milliseconds}; while (Date.now() < end); } "worked"`;

/** Presses Tab until the list has a name: on a busy machine the page gives up an answer that takes over a second. */
async function completed(page: Page, name: string): Promise<void> {
  const item = `document.querySelector(".jp-Completer-item")?.textContent.includes("${name}")`;
  for (let left = 10; left > 0; left--) {
    await page.press("Tab");
    if (await page.waitFor(item, 3000).catch(() => false)) return;
  }
  throw new Error(`Tab never offered ${name}.`);
}

describe.skipIf(!chromium)(chromium ? "JupyterLab" : noChromium, () => {
  let lab: Lab;
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    lab = await Lab.start();
    browser = Browser.launch();
    page = await browser.open();
  });
  afterAll(async () => {
    await browser?.close();
    await lab?.close();
  });
  const picture = (name: string) => page.screenshot(join(reportsFolder, "browser", `${name}.png`));

  test("completes with Tab, and shows what a name is", async () => {
    const notebook = await lab.open(page, "completion", ["const rates = [1, 2]", "rates.ma"]);
    await notebook.run(0);
    await notebook.finished(0);
    await notebook.edit(1);
    await completed(page, "map");
    await picture("completion");
    await page.press("Enter");
    await notebook.hasSource(1, "rates.map");
    await page.press("Shift+Tab");
    await page.waitFor(`document.querySelector(".jp-Tooltip")?.textContent.includes("callbackfn")`);
    await picture("inspection");
  });

  test("shows that the kernel works, from a cell's start to its end", async () => {
    const awaiting = `await new Promise((done) => setTimeout(done, 1500)); "waited"`;
    const notebook = await lab.open(page, "busy", ["1", awaiting, busyFor(1500)]);
    await notebook.run(0);
    await notebook.finished(0);
    for (const cell of [1, 2]) {
      await notebook.run(cell);
      const seen = await notebook.statusWhileRunning(cell);
      expect(seen.length, "samples while the cell ran").toBeGreaterThan(5);
      // Before the kernel has said that it began, the cell waits.
      expect(seen.join(" ")).toMatch(/^(idle ){0,3}(busy ?)+$/);
    }
    expect(textOf(await notebook.finished(2))).toBe("worked");
  });

  test("interrupts with the button", async () => {
    const notebook = await lab.open(page, "interrupt", [
      "let turns = 0",
      "console.log('begun'); for (;;) turns++",
      "turns > 0",
    ]);
    await notebook.run(0);
    await notebook.finished(0);
    await notebook.run(1);
    await notebook.says(1, "begun");
    await page.click(`.jp-NotebookPanel-toolbar [data-jp-item-name="interrupt"]`);
    expect(textOf(await notebook.finished(1))).toBe("begun\nKeyboardInterrupt");
    await picture("interrupt");
    await notebook.run(2);
    expect(textOf(await notebook.finished(2))).toBe("true");
  });

  test("restarts and runs all", async () => {
    const notebook = await lab.open(page, "restart", ["let count = 0", "++count", "count"]);
    for (const cell of [0, 1, 1, 2]) {
      await notebook.run(cell);
      await notebook.finished(cell);
    }
    expect(textOf(await notebook.outputs(2))).toBe("2");
    await page.click(`.jp-NotebookPanel-toolbar [data-jp-item-name="restart-and-run"]`);
    await page.click(".jp-Dialog .jp-mod-accept");
    await page.waitFor(
      `[...document.querySelectorAll(".jp-CodeCell .jp-InputPrompt")].slice(0, 3).map((each) => each.textContent).join("") === "[1]:[2]:[3]:"`,
    );
    expect(textOf(await notebook.finished(2))).toBe("1");
  });

  test("comes back after the page was reloaded while a cell computes", async () => {
    const notebook = await lab.open(page, "reload", ["let kept = 1", busyFor(30_000), "++kept"]);
    await notebook.run(0);
    await notebook.finished(0);
    await notebook.save();
    await notebook.run(1);
    await page.waitFor(
      `document.querySelector(".jp-Notebook-ExecutionIndicator").dataset.status === "busy"`,
    );
    await notebook.save();
    await page.reload();
    await notebook.connected();
    expect(await notebook.status()).toBe("busy");
    await picture("reload");
    await notebook.run(2);
    expect(textOf(await notebook.finished(2))).toBe("2");
  });
});
