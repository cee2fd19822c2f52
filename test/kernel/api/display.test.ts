import { afterEach, expect, test, vi } from "vitest";
import { type DisplayBundle, displayKey, show } from "../../../src/kernel/api/display";
import { attach } from "../../../src/kernel/api/host";
import { progress } from "../../../src/kernel/api/progress";

const display = vi.fn();
const inKernel = () => attach({ display, progress, signal: () => new AbortController().signal });

afterEach(() => {
  display.mockClear();
  attach(undefined);
});

const value = (bundle: DisplayBundle) => ({ [displayKey]: () => bundle });

test("a cell shows all forms of a value", async () => {
  inKernel();
  const bundle = { "text/plain": "b", "text/html": "<b>b</b>", "image/png": "iVBO" };
  await show(value(bundle));
  expect(display.mock.calls).toEqual([[bundle]]);
});

test("a bundle may come later", async () => {
  inKernel();
  await show({ [displayKey]: async () => ({ "text/plain": "late" }) });
  expect(display).toHaveBeenCalledWith({ "text/plain": "late" });
});

test("a bundle without text gets one", async () => {
  inKernel();
  await show(value({ "application/json": {} }));
  expect(display.mock.calls[0]![0]).toMatchObject({ "text/plain": expect.any(String) });
});

test("a value in a terminal is its plain text", async () => {
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  await show(value({ "text/html": "<b>b</b>", "text/plain": "b" }));
  await show([1, null]);
  await show(null);
  expect(log.mock.calls).toEqual([["b"], [[1, null]], [null]]);
  log.mockRestore();
});
