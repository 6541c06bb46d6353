/** Set up by vitest.config.ts: a test during which anything is printed fails, for packages never print. */
import { afterEach, beforeEach, expect, vi } from "vitest";

const printed: unknown[][] = [];

beforeEach(() => {
  printed.length = 0;
  for (const method of ["debug", "error", "info", "log", "warn"] as const) {
    vi.spyOn(console, method).mockImplementation((...values) => void printed.push([method, ...values]));
  }
});

afterEach(() => {
  vi.restoreAllMocks();
  expect(printed, "a test printed to the console").toEqual([]);
});
