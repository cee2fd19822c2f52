import { afterEach, expect, test, vi } from "vitest";
import { type DisplayBundle, displayKey, show } from "../../src/kernel/display";
import { attach } from "../../src/kernel/host";

const raw = vi.fn();
const inKernel = () =>
  attach({ display: { raw } as never, newDisplay: () => expect.unreachable(), cell: () => 1 });
const leaveKernel = () => attach(undefined);

afterEach(() => {
  raw.mockClear();
  leaveKernel();
});

const value = (bundle: DisplayBundle) => ({ [displayKey]: () => bundle });

test.each([
  [["text/plain", "image/png", "text/html"], "text/html"],
  [["text/plain", "application/vnd.plotly.v1+json", "image/svg+xml"], "image/svg+xml"],
  [["text/plain", "image/png"], "image/png"],
  [["text/plain", "text/markdown"], "text/markdown"],
  [["text/plain"], "text/plain"],
])("of %j a cell shows %s", async (types, shown) => {
  inKernel();
  await show(value(Object.fromEntries(types.map((type) => [type, `as ${type}`]))));
  expect(raw.mock.calls).toEqual([[shown, `as ${shown}`]]);
});

test("a bundle may come later", async () => {
  inKernel();
  await show({ [displayKey]: async () => ({ "text/plain": "late" }) });
  expect(raw).toHaveBeenCalledWith("text/plain", "late");
});

test("a bundle that no saved notebook could show is an error", async () => {
  inKernel();
  await expect(show(value({ "application/json": {} }))).rejects.toThrow("application/json");
});

test("a value in a terminal is its plain text", async () => {
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  await show(value({ "text/html": "<b>b</b>", "text/plain": "b" }));
  await show([1, null]);
  await show(null);
  expect(log.mock.calls).toEqual([["b"], [[1, null]], [null]]);
  log.mockRestore();
});
