import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Browser, chromium, noChromium, type Page } from "./chromium";

const html = `<!doctype html><input><button onclick="this.textContent = document.querySelector('input').value">go</button>
<p style="margin-top: 3000px" onmouseover="this.textContent = 'over'">below</p>`;

describe.skipIf(!chromium)(chromium ? "chromium, driven" : noChromium, () => {
  let server: Server;
  let address: string;
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    server = createServer((_, response) =>
      response.setHeader("content-type", "text/html").end(html),
    );
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    browser = Browser.launch();
    page = await browser.open();
  });
  afterAll(async () => {
    await browser.close();
    server.close();
  });

  test("types, presses, clicks and points", async () => {
    await page.goto(address);
    await page.click("input");
    await page.type("grüße");
    await page.press("!");
    await page.press("Backspace");
    await page.click("button");
    expect(await page.evaluate("document.querySelector('button').textContent")).toBe("grüße");
    await page.hover(await page.place("p"));
    await page.waitFor("document.querySelector('p').textContent === 'over'");
    await page.reload();
    expect(await page.evaluate("document.querySelector('p').textContent")).toBe("below");
  });

  test("says what a page asks for, and what goes wrong in it", async () => {
    await page.goto(address);
    expect(page.requests).toContain(address);
    await page.evaluate("void setTimeout(() => { throw new Error('thrown') })");
    await page.evaluate("new Promise((done) => setTimeout(done, 50))");
    expect(page.errors.join()).toContain("thrown");
    await expect(page.evaluate("nothing.at.all")).rejects.toThrow("nothing is not defined");
    await expect(page.waitFor("false", 100)).rejects.toThrow("Waited in vain for false");
  });

  test("cuts the network, and takes pictures", async () => {
    await page.goto(address);
    await page.offline(true);
    const answered = "fetch(location.href).then(() => true, () => false)";
    expect(await page.evaluate(answered)).toBe(false);
    await page.offline(false);
    expect(await page.evaluate(answered)).toBe(true);
    const folder = mkdtempSync(join(tmpdir(), "pictures-"));
    try {
      await page.screenshot(join(folder, "page.png"));
      expect(readFileSync(join(folder, "page.png")).subarray(1, 4).toString()).toBe("PNG");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
