/** The one way that tests find and start a browser. Apart from the other checks, which need none. */
import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const usualPlaces = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];

/**
 * Starts a headless Chromium or Chrome: the one that the variable CHROMIUM_PATH names, else the machine's.
 *
 * @throws Error saying where it looked and how to get one.
 */
export async function launchChromium(): Promise<Browser> {
  const given = process.env.CHROMIUM_PATH;
  const executablePath = given ?? usualPlaces.find((path) => existsSync(path));
  if (executablePath === undefined || !existsSync(executablePath)) {
    throw new Error(
      `launchChromium: no browser at ${given ?? usualPlaces.join(", ")}. ` +
        "Install one (Debian: apt-get install chromium) or set CHROMIUM_PATH.",
    );
  }
  return await chromium.launch({
    executablePath,
    args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
  });
}
