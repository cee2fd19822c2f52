import { type ChildProcess, spawn } from "node:child_process";
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";

/** The browser on this machine; undefined where none is. */
export const chromium = ["chromium", "chromium-browser", "google-chrome"]
  .flatMap((name) => (process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, name)))
  .find(isProgram);

export const noChromium = "No chromium on this machine: what a browser shows is not tested.";

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

type Parameters = Readonly<Record<string, unknown>>;
type Answer = Record<string, unknown>;

interface Incoming {
  readonly id?: number;
  readonly sessionId?: string;
  readonly method?: string;
  readonly params?: Answer;
  readonly result?: Answer;
  readonly error?: { readonly message: string };
}

/** Chromium without a window, on a profile of its own, spoken to in the DevTools protocol. */
export class Browser {
  readonly #process: ChildProcess;
  readonly #profile: string;
  readonly #asked = new Map<number, (message: Incoming) => void>();
  readonly #listeners = new Map<string, (method: string, params: Answer) => void>();

  private constructor(process: ChildProcess, profile: string) {
    this.#process = process;
    this.#profile = profile;
    let rest = Buffer.alloc(0);
    (process.stdio[4] as Readable).on("data", (data: Buffer) => {
      rest = Buffer.concat([rest, data]);
      for (let end = rest.indexOf(0); end >= 0; end = rest.indexOf(0)) {
        this.#take(JSON.parse(rest.toString("utf8", 0, end)));
        rest = rest.subarray(end + 1);
      }
    });
    process.on("exit", () => {
      for (const answer of this.#asked.values()) answer({ error: { message: "Chromium ended." } });
    });
    (process.stdio[3] as Writable).on("error", () => {});
  }

  static launch(): Browser {
    if (chromium === undefined) throw new Error(noChromium);
    const profile = mkdtempSync(join(tmpdir(), "chromium-"));
    const flags = [
      ...["--headless=new", "--remote-debugging-pipe", `--user-data-dir=${profile}`],
      ...["--no-first-run", "--no-default-browser-check", "--disable-gpu", "--hide-scrollbars"],
      ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
      // In a container there may be neither much shared memory nor room for a sandbox.
      ...["--disable-dev-shm-usage", "--no-sandbox", "--window-size=1200,900"],
    ];
    const stdio = ["ignore", "ignore", "ignore", "pipe", "pipe"] as const;
    return new Browser(spawn(chromium, flags, { stdio: [...stdio] }), profile);
  }

  async open(): Promise<Page> {
    const { targetId } = await this.send("Target.createTarget", { url: "about:blank" });
    const attached = await this.send("Target.attachToTarget", { targetId, flatten: true });
    const session = String(attached.sessionId);
    const page = new Page((method, params) => this.send(method, params, session));
    this.#listeners.set(session, (method, params) => page.hear(method, params));
    for (const domain of ["Page", "Runtime", "Network", "Log"]) await page.send(`${domain}.enable`);
    return page;
  }

  send(method: string, params: Parameters = {}, sessionId?: string): Promise<Answer> {
    const id = this.#asked.size === 0 ? 1 : Math.max(...this.#asked.keys()) + 1;
    return new Promise((resolve, reject) => {
      this.#asked.set(id, ({ result, error }) => {
        this.#asked.delete(id);
        if (error) reject(new Error(`${method}: ${error.message}`));
        else resolve(result ?? {});
      });
      const message = JSON.stringify({ id, method, params, sessionId });
      (this.#process.stdio[3] as Writable).write(`${message}\0`);
    });
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once("close", resolve));
    const isRunning = this.#process.exitCode === null && this.#process.signalCode === null;
    if (isRunning) await Promise.all([this.send("Browser.close").catch(() => {}), ended]);
    // Its helpers may end after it, and write to the profile until then.
    for (let left = 50; existsSync(this.#profile); left--) {
      try {
        rmSync(this.#profile, { recursive: true });
      } catch (error) {
        if (left === 0) throw error;
        await pause(100);
      }
    }
  }

  #take(message: Incoming): void {
    if (message.id !== undefined) this.#asked.get(message.id)?.(message);
    else if (message.method)
      this.#listeners.get(message.sessionId ?? "")?.(message.method, message.params ?? {});
  }
}

interface Place {
  readonly x: number;
  readonly y: number;
}

/** How long a page may take to show what is waited for, in milliseconds; far more than it needs on a busy machine. */
const patience = 120_000;

/** A tab. What is evaluated in it is JavaScript text. */
export class Page {
  readonly send: (method: string, params?: Parameters) => Promise<Answer>;
  /** Addresses asked for since the page was last opened, `data:` aside. */
  readonly requests: string[] = [];
  /** What went wrong since then: errors of scripts and of the network. */
  readonly errors: string[] = [];

  constructor(send: (method: string, params?: Parameters) => Promise<Answer>) {
    this.send = send;
  }

  hear(method: string, params: Answer): void {
    if (method === "Network.requestWillBeSent") {
      const { url } = params.request as { url: string };
      if (!url.startsWith("data:")) this.requests.push(url);
    } else if (method === "Page.javascriptDialogOpening") {
      // "Leave site?": yes.
      this.send("Page.handleJavaScriptDialog", { accept: true }).catch(() => {});
    } else if (method === "Runtime.exceptionThrown") {
      const { exceptionDetails: details } = params as { exceptionDetails: Exception };
      this.errors.push(details.exception?.description ?? details.text);
    } else if (method === "Log.entryAdded") {
      const { level, text, url } = params.entry as { level: string; text: string; url?: string };
      if (level === "error") this.errors.push(`${text} ${url ?? ""}`);
    }
  }

  async goto(url: string): Promise<void> {
    this.requests.length = 0;
    this.errors.length = 0;
    const { errorText } = await this.send("Page.navigate", { url });
    if (errorText) throw new Error(`${url}: ${errorText}`);
    await this.waitFor("document.readyState === 'complete'");
  }

  async reload(): Promise<void> {
    await this.evaluate("globalThis.beforeReload = true");
    await this.send("Page.reload");
    await this.waitFor("!globalThis.beforeReload && document.readyState === 'complete'");
  }

  /** The value of an expression, awaited; it must be JSON. */
  async evaluate<T>(expression: string): Promise<T> {
    const { result, exceptionDetails } = (await this.send("Runtime.evaluate", {
      expression,
      awaitPromise: true,
      returnByValue: true,
      userGesture: true,
    })) as { result: { value: T }; exceptionDetails?: Exception };
    if (exceptionDetails) {
      throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    }
    return result.value;
  }

  /** Waits until an expression is true, and returns its value. */
  async waitFor<T>(expression: string, limit = patience): Promise<T> {
    const end = Date.now() + limit;
    let reason: unknown;
    while (Date.now() < end) {
      try {
        const value = await this.evaluate<T>(expression);
        if (value) return value;
        reason = undefined;
      } catch (error) {
        // Between two pages there is none to ask.
        reason = error;
      }
      await pause(50);
    }
    throw new Error(`Waited in vain for ${expression}${reason ? `: ${reason}` : ""}`);
  }

  /** The middle of the first element that matches, brought into view, once there is one with a size. */
  async place(selector: string): Promise<Place> {
    return await this.waitFor<Place>(`(() => {
      const element = document.querySelector(${JSON.stringify(selector)});
      element?.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
      const box = element?.getBoundingClientRect();
      return box?.width > 0 && box.height > 0 && { x: box.x + box.width / 2, y: box.y + box.height / 2 };
    })()`);
  }

  async hover(place: Place): Promise<void> {
    await this.send("Input.dispatchMouseEvent", { type: "mouseMoved", ...place });
  }

  async click(selector: string): Promise<void> {
    const place = await this.place(selector);
    await this.hover(place);
    for (const type of ["mousePressed", "mouseReleased"]) {
      const mouse = { type, ...place, button: "left", clickCount: 1 };
      await this.send("Input.dispatchMouseEvent", mouse);
    }
  }

  /** Types text where the focus is. */
  async type(text: string): Promise<void> {
    await this.send("Input.insertText", { text });
  }

  /** Presses a key such as `Enter`, `Shift+Enter`, `Control+s` or `Tab`. */
  async press(keys: string): Promise<void> {
    const names = keys.split("+");
    const key = names.pop()!;
    const bits: Readonly<Record<string, number>> = { Alt: 1, Control: 2, Meta: 4, Shift: 8 };
    const modifiers = names.reduce((sum, name) => sum + bits[name]!, 0);
    const letter = key.length === 1;
    const event = {
      key,
      code: letter ? `Key${key.toUpperCase()}` : key,
      windowsVirtualKeyCode: letter ? key.toUpperCase().charCodeAt(0) : keyCodes[key],
      modifiers,
    };
    const text = key === "Enter" ? "\r" : letter && !(modifiers & 7) ? key : undefined;
    await this.send("Input.dispatchKeyEvent", { type: "keyDown", ...event, text });
    await this.send("Input.dispatchKeyEvent", { type: "keyUp", ...event });
  }

  /** Whether the network is out of reach; the page's own machine too. */
  async offline(offline: boolean): Promise<void> {
    const speed = { latency: 0, downloadThroughput: -1, uploadThroughput: -1 };
    await this.send("Network.emulateNetworkConditions", { offline, ...speed });
  }

  /** Writes what is seen as a PNG. */
  async screenshot(file: string): Promise<void> {
    const { data } = await this.send("Page.captureScreenshot", { format: "png" });
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, Buffer.from(String(data), "base64"));
  }
}

interface Exception {
  readonly text: string;
  readonly exception?: { readonly description?: string };
}

const keyCodes: Readonly<Record<string, number>> = {
  Backspace: 8,
  Tab: 9,
  Enter: 13,
  Escape: 27,
  Space: 32,
  ArrowLeft: 37,
  ArrowUp: 38,
  ArrowRight: 39,
  ArrowDown: 40,
  Delete: 46,
};
