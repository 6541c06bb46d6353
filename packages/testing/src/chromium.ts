/** The one way that tests find and start a browser. Apart from the other checks, which need none. */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { type Browser, chromium } from "playwright-core";

const names = ["chromium", "chromium-browser", "google-chrome", "chrome.exe", "Chromium", "Google Chrome"];
const folders = [
  ...(process.env.PATH ?? "").split(delimiter),
  "/Applications/Chromium.app/Contents/MacOS",
  "/Applications/Google Chrome.app/Contents/MacOS",
  "C:\\Program Files\\Google\\Chrome\\Application",
];

/** The browser that CHROMIUM_PATH names, else the machine's; undefined where there is none. None is downloaded. */
const chromiumPath: string | undefined =
  process.env.CHROMIUM_PATH ?? folders.flatMap((folder) => names.map((name) => join(folder, name))).find(canRun);

/** For `test.skipIf`: a machine without a browser skips what needs one, and says so; CI has to have one. */
export const skipBrowserTests: boolean = chromiumPath === undefined && process.env.CI !== "true";

/** Starts the browser, headless. @throws Error where there is none, saying how to get one. */
export async function launchChromium(): Promise<Browser> {
  if (chromiumPath === undefined) {
    throw new Error(
      "launchChromium: found no Chromium; install one (Debian: apt-get install chromium) or set CHROMIUM_PATH",
    );
  }
  return await chromium.launch({
    executablePath: chromiumPath,
    args: [
      // Chromium refuses its sandbox to root, which containers usually are.
      ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
      "--disable-gpu",
      "--disable-quic",
      "--disable-dev-shm-usage",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--no-first-run",
    ],
  });
}

function canRun(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
