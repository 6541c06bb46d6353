// The Chromium that the machine has; none is downloaded.
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { type Browser, chromium } from "playwright-core";

/** Path of `chromium` on PATH, or undefined. */
export const chromiumPath: string | undefined = (process.env.PATH ?? "")
  .split(delimiter)
  .map((folder) => join(folder, "chromium"))
  .find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });

/** Under CI a missing browser is a failure; elsewhere its tests are skipped and say so. */
export const canSkip: boolean = process.env.CI !== "true";

export async function launchChromium(): Promise<Browser> {
  if (chromiumPath === undefined)
    throw new Error(
      "report tests: found no chromium on PATH; expected one under CI=true. Install it: apt-get install chromium",
    );
  return chromium.launch({
    executablePath: chromiumPath,
    args: [
      // Chromium refuses its sandbox to root, which containers usually are.
      ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
      "--headless",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}
