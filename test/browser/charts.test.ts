import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runNotebook } from "../../src/kernel/headless/notebook";
import { plotlyFile } from "../../src/kernel/kernelspec";
import { reportsFolder, root } from "../../src/setup/paths";
import { Browser, chromium, noChromium, type Page } from "./chromium";
import { Lab, type Notebook } from "./lab";

const cells = [
  { markdown: "# A chart\n\n$y = x^2$" },
  `({
  data: [{ name: "squares", x: [1, 2, 3, 4], y: [1, 4, 9, 16], mode: "lines+markers" }],
  layout: { title: { text: "Squares" }, width: 600, height: 360 },
})`,
];
const chart = 1;
const live = ".js-plotly-plot .main-svg";
const still = "img[alt^='Chart: Squares']";

describe.skipIf(!chromium)(chromium ? "a chart" : noChromium, () => {
  let runs: string;
  let lab: Lab;
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    runs = mkdtempSync(join(tmpdir(), "peftlab-runs-"));
    lab = await Lab.start({ PEFTLAB_RUNS: runs });
    browser = Browser.launch();
    page = await browser.open();
  });
  afterAll(async () => {
    await browser?.close();
    await lab?.close();
    rmSync(runs, { recursive: true, force: true });
  });
  const picture = (name: string) => page.screenshot(join(reportsFolder, "browser", `${name}.png`));
  const count = (selector: string) =>
    page.evaluate<number>(`document.querySelectorAll(${JSON.stringify(selector)}).length`);
  const shows = async (selector: string) =>
    await page.waitFor(`document.querySelector(${JSON.stringify(selector)})`);

  /** Points at a mark of the live chart, the third point unless said, and reads what it says. */
  async function hovered(mark = ".js-plotly-plot .points path:nth-child(3)"): Promise<string> {
    const said = `document.querySelector(".hoverlayer .hovertext")?.textContent`;
    const end = Date.now() + 120_000;
    // As a hand does: the page may still move under the mouse while JupyterLab lays it out.
    while (Date.now() < end) {
      const place = await page.place(mark);
      await page.hover({ x: place.x - 3, y: place.y });
      await page.hover(place);
      const text = await page.waitFor<string>(said, 2000).catch(() => undefined);
      if (text) return text;
    }
    throw new Error(`Nothing is said at ${mark}`);
  }

  const run = async (notebook: Notebook) => {
    await notebook.run(chart);
    const outputs = await notebook.finished(chart);
    await shows(live);
    return outputs;
  };

  /** Runs the notebook as `npm run notebook` does. */
  async function executed(name: string): Promise<{ output: string; html: string }> {
    const input = lab.write(name, cells);
    const [output, html] = ["ipynb", "html"].map((ending) => `${input}.run.${ending}`) as [
      string,
      string,
    ];
    for (const file of [output, html]) lab.remove(file);
    await runNotebook(input, { output });
    return { output, html };
  }

  test("comes to life where it was run, and answers the mouse", async () => {
    const notebook = await lab.open(page, "chart", cells);
    const [output] = await run(notebook);
    expect(await count(still)).toBe(0);
    expect(await hovered()).toContain("9");
    await picture("chart-trusted");
    expect(Object.keys(output!.data!).sort()).toEqual([
      "application/vnd.plotly.v1+json",
      "image/png",
      "text/html",
      "text/plain",
    ]);
    expect(page.requests.filter((url) => url.endsWith(plotlyFile))).toEqual([
      `${lab.address}kernelspecs/peftlab/${plotlyFile}`,
    ]);
    expect(page.requests.filter((url) => !url.startsWith(lab.address))).toEqual([]);
  });

  test("is there again after it was cleared and run again", async () => {
    const notebook = await lab.open(page, "chart-again", cells);
    await run(notebook);
    await notebook.command("notebook:clear-all-cell-outputs");
    await page.waitFor(`!document.querySelector(${JSON.stringify(live)})`);
    await run(notebook);
    expect(await count(live)).toBeGreaterThan(0);
    expect(await hovered()).toContain("9");
  });

  test("lives in notebook 01, run as a whole", async () => {
    const notebook01 = join(root, "notebooks", "01-bitfit-adapters-full.ipynb");
    const values: Readonly<Record<string, string>> = {
      tasks: '["mrpc"]',
      methods: '["head-only", "bitfit"]',
      mrpcSteps: "2",
    };
    const file = lab.copy(notebook01, "notebook-01", ({ cells: all, ...notebook }) => ({
      ...notebook,
      cells: all.map((cell) => ({
        ...cell,
        ...(cell.cell_type === "code" && { outputs: [], execution_count: null }),
        source: [cell.source]
          .flat()
          .join("")
          .replace(/^const (\w+)(.*) = .*;$/gm, (line, name: string, type: string) =>
            name in values ? `const ${name}${type} = ${values[name]};` : line,
          )
          // It lies a folder deeper here.
          .replaceAll('"../src"', '"../../src"'),
      })),
    }));
    const { cells: all } = JSON.parse(readFileSync(file, "utf8")) as {
      cells: readonly { cell_type: string }[];
    };
    const last = all.map((cell) => cell.cell_type).lastIndexOf("code");
    const notebook = await lab.openFile(page, file);
    await notebook.command("notebook:run-all-cells");
    await page.waitFor(`document.querySelectorAll(".js-plotly-plot").length === 3`, 600_000);
    await notebook.finished(last, 600_000);
    expect(await hovered(".js-plotly-plot .points path")).toMatch(/BitFit|Head only|floor/);
    await picture("notebook-01");
    await notebook.save();
    expect(JSON.stringify(await notebook.allOutputs())).not.toContain('"ename"');
  }, 900_000);

  test("is a picture where the notebook is not trusted, and lives once it is", async () => {
    const { output: written } = await executed("chart-signed");
    const trusted = await lab.openFile(page, written);
    await shows(live);
    // Somebody else's: the same file with another text is not signed.
    await trusted.save();
    const other = lab.copy(written, "chart-of-others", ({ cells: all, ...notebook }) => ({
      ...notebook,
      cells: all.map((cell) =>
        cell.cell_type === "markdown" ? { ...cell, source: "# Another" } : cell,
      ),
    }));
    await lab.openFile(page, other);
    await shows(still);
    expect(await count(live)).toBe(0);
    expect(
      await page.evaluate(`document.querySelector(${JSON.stringify(still)}).naturalWidth`),
    ).toBe(600);
    await picture("chart-untrusted");
  });

  test("lives in an exported page without a network", async () => {
    const { html } = await executed("chart-exported");
    await page.offline(true);
    await page.goto(pathToFileURL(html).href);
    await shows(live);
    expect(await hovered()).toContain("9");
    expect(
      await count(
        "mjx-container svg, [role='math'] svg, svg[data-formula], .formula svg, [aria-label] svg path",
      ),
    ).toBeGreaterThan(0);
    expect(page.requests.filter((url) => !url.startsWith("file:"))).toEqual([]);
    expect(page.errors).toEqual([]);
    await picture("chart-exported");
    await page.offline(false);
  });
});
