// The built page in a real browser, from a file and from the server.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { launchChromium, skipBrowserTests } from "@nn/testing/chromium";
import type { Browser, BrowserContextOptions, Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { buildReport } from "../src/build-report.ts";
import { serveReport } from "../src/serve-report.ts";
import { WORKSHOP_NOTE, writeFixtureRuns } from "./fixture-runs.ts";

describe.skipIf(skipBrowserTests)("report in Chromium", () => {
  let folder = "";
  let browser: Browser;
  let server: Awaited<ReturnType<typeof serveReport>>;
  const urls = { file: "", server: "" };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "nn-report-"));
    await writeFixtureRuns(join(folder, "runs"));
    const course = ["perceptron-loans", "moons-workshop", "mnist-workshop", "mnist-mlp"];
    await buildReport(join(folder, "runs"), join(folder, "dist", "index.html"), course);
    server = await serveReport(join(folder, "dist", "index.html"), 0);
    urls.file = pathToFileURL(join(folder, "dist", "index.html")).href;
    urls.server = server.url;
    browser = await launchChromium();
  });

  afterAll(async () => {
    await browser?.close();
    await server?.close();
    rmSync(folder, { recursive: true });
  });

  /** What the page complained about or asked the network for. */
  let complaints: string[] = [];
  let page: Page | undefined;
  afterEach(async () => {
    await page?.context().close();
    page = undefined;
  });

  async function open(url: string, options: BrowserContextOptions = {}): Promise<Page> {
    complaints = [];
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    page = await context.newPage();
    page.setDefaultTimeout(120_000);
    page.on("console", (message) => complaints.push(`${message.type()}: ${message.text()}`));
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("request", (request) => {
      const own = request.isNavigationRequest() || request.url().startsWith("data:");
      if (!own) complaints.push(`request: ${request.url()}`);
    });
    await page.goto(url);
    await page.locator(".chart svg").first().waitFor();
    return page;
  }

  test.each(["file", "server"] as const)("opens from a %s, quietly, with all runs and their curves", async (source) => {
    const report = await open(urls[source]);
    expect(await report.title()).toBe("Training report");
    expect(await report.locator(".runs tbody").count()).toBe(7);
    const status = await report.locator(".runs td.status").allTextContents();
    expect(status.slice(0, 5)).toEqual([...Array(4).fill("✓ finished"), "✗ unreadable"]);
    expect(status.slice(5)).toEqual(["… not finished", "∅ no run log"]);
    for (const recipe of ["perceptron-loans", "moons-workshop", "mnist-workshop", "mnist-mlp", "killed"]) {
      const group = report.getByRole("region", { name: `Curves of ${recipe}` });
      for (const metric of ["loss", "accuracy"]) {
        const chart = group.getByRole("img", { name: new RegExp(`^${metric} of ${recipe}`) });
        await chart.waitFor();
        const lengths = await chart
          .locator(".curve path")
          .evaluateAll((paths) => paths.map((path) => (path as SVGPathElement).getTotalLength()));
        expect(lengths.length).toBeGreaterThan(0);
        for (const length of lengths) expect(length).toBeGreaterThan(100);
      }
    }
    expect(complaints).toEqual([]);
  });

  test.each(["file", "server"] as const)(
    "from a %s, the policy lets nothing run that the page did not bring",
    async (source) => {
      const report = await open(urls[source]);
      const before = await report.evaluate(async () => {
        const script = document.createElement("script");
        script.textContent = "document.title = 'taken'";
        document.body.append(script);
        const image = document.createElement("img");
        image.setAttribute("onerror", "document.title = 'taken'");
        const failed = new Promise((resolve) => image.addEventListener("error", resolve));
        image.src = "data:,";
        await failed;
        return document.title;
      });
      expect(before).toBe("Training report");
      expect(await report.title()).toBe("Training report");
      // The server's header and the page's own element may both say it.
      expect(complaints.length).toBeGreaterThanOrEqual(2);
      for (const complaint of complaints) expect(complaint).toContain("Content Security Policy");
    },
  );

  test("the run list has the figures, the configuration and the whole checksum", async () => {
    const report = await open(urls.file);
    const run = report.locator(".runs tbody").filter({ hasText: "mnist-mlp" });
    expect(await run.locator("td").allTextContents()).toEqual(
      expect.arrayContaining([
        "mnist",
        "2,000",
        "4",
        "0.0312",
        "99.53 %",
        "97.81 %",
        "15,230",
        "1 min 24 s",
        "0123456789…",
      ]),
    );
    await run.getByText("Configuration").press("Enter");
    expect(await run.locator("dl").innerText()).toContain("0123456789abcdef".repeat(4));
    expect(await run.locator("dl").innerText()).toContain("784, 256, 10");
    await run.getByRole("link", { name: "mnist-mlp" }).press("Enter");
    expect(await focused(report)).toBe("run-mnist-mlp");
  });

  test("the configurations stand side by side", async () => {
    const report = await open(urls.file);
    await report.getByText("Compare configurations").press("Enter");
    const table = report.getByRole("table", { name: /^Configuration of every run/ });
    // The table comes a moment after the key.
    await table.waitFor();
    expect(await table.locator("thead th").count()).toBe(6);
    const row = table.getByRole("row", { name: /^batchSize/ });
    expect(await row.locator("td").allTextContents()).toEqual(["–", "–", "64", "64", "–"]);
  });

  test("notes of a recipe stand on its part of the page, as text", async () => {
    const report = await open(urls.file);
    const article = report.getByRole("article", { name: "mnist-workshop" });
    expect(await article.locator(".note").innerText()).toBe(WORKSHOP_NOTE);
  });

  test("the slider changes the boundary, by keyboard, and the address remembers", async () => {
    const report = await open(urls.file);
    const article = report.getByRole("article", { name: "moons-workshop" });
    const slider = article.getByRole("slider", { name: "Iteration" });
    const output = article.locator("output");
    const picture = (): Promise<string | null> => article.locator("svg image").getAttribute("href");
    const [last, first] = [await picture(), await output.innerText()];
    expect(first).toMatch(/^20,000 of 20,000 · loss 0\.03/);
    expect(await article.locator("svg [data-part=dot] path, svg [data-part=dot] circle").count()).toBe(200);
    await slider.focus();
    await report.keyboard.press("ArrowLeft");
    expect(await output.innerText()).toMatch(/^19,000 of 20,000/);
    expect(await slider.getAttribute("aria-valuetext")).toMatch(/^19,000 of 20,000/);
    await report.keyboard.press("Home");
    expect(await output.innerText()).toMatch(/^0 of 20,000/);
    expect(await picture()).not.toBe(last);
    await report.keyboard.press("ArrowRight");
    await report.waitForFunction(() => location.hash === "#step=moons-workshop:1000");
    await report.reload();
    await report.getByRole("article", { name: "moons-workshop" }).locator("svg image").waitFor();
    expect(await output.innerText()).toMatch(/^1,000 of 20,000/);
    expect(complaints).toEqual([]);
  });

  test.each([
    ["no-preference", 250],
    ["reduce", 1000],
  ] as const)("the boundary plays to its end and stops; motion: %s", async (reducedMotion, pace) => {
    const report = await open(urls.file, { reducedMotion });
    const article = report.getByRole("article", { name: "perceptron-loans" });
    const play = article.getByRole("button", { name: "Play the iterations of perceptron-loans" });
    const output = article.locator("output");
    await report.clock.install({ time: 0 });
    await report.clock.pauseAt(1_000_000);
    await play.press("Enter");
    await article.getByRole("button", { name: "Pause the iterations of perceptron-loans" }).waitFor();
    expect(await output.getAttribute("aria-live")).toBe("off");
    expect(await output.innerText()).toMatch(/^0 of 12/);
    await report.clock.runFor(3 * pace);
    expect(await output.innerText()).toMatch(/^3 of 12/);
    await report.clock.runFor(20 * pace);
    expect(await output.innerText()).toMatch(/^12 of 12/);
    await play.waitFor();
    expect(await output.getAttribute("aria-live")).toBe("polite");
  });

  test("logarithmic axis, smoothing, epochs, one chart for all", async () => {
    const report = await open(urls.file);
    const loss = report.getByRole("img", { name: /^loss of mnist-mlp/ });
    const curve = (): Promise<string | null> => loss.locator(".curve.train path").getAttribute("d");
    const ticks = (): Promise<string[]> => loss.locator("[data-part='y-axis tick label'] text").allTextContents();
    const [linearCurve, linearTicks] = [await curve(), await ticks()];
    await report.getByRole("radio", { name: "logarithmic" }).press("Space");
    await loss.waitFor();
    expect(await ticks()).not.toEqual(linearTicks);
    const logCurve = await curve();
    expect(logCurve).not.toBe(linearCurve);
    await report.getByRole("slider", { name: "Smoothing" }).press("End");
    await loss.waitFor();
    expect(await curve()).not.toBe(logCurve);
    await report.getByRole("radio", { name: "epochs" }).press("Space");
    await report.getByRole("img", { name: "loss of mnist-mlp by epochs" }).waitFor();
    await report.getByRole("radio", { name: "all runs in one" }).press("Space");
    await report.getByRole("checkbox", { name: "killed" }).press("Space");
    const together = /^loss of perceptron-loans, moons-workshop, mnist-workshop, mnist-mlp by epochs/;
    await report.getByRole("img", { name: together }).waitFor();
    expect(await report.getByRole("img", { name: /^loss of/ }).count()).toBe(1);
    const chosen = "runs=perceptron-loans,moons-workshop,mnist-workshop,mnist-mlp";
    await report.waitForFunction(
      (hash) => location.hash === hash,
      `#${chosen}&x=epoch&y=log&layout=together&smoothing=0.99`,
    );
    for (const recipe of ["perceptron-loans", "moons-workshop", "mnist-workshop", "mnist-mlp"])
      await report.getByRole("checkbox", { name: recipe }).press("Space");
    await report.getByText("Choose at least one run").waitFor();
    expect(complaints).toEqual([]);
  });

  test("each chart has its values as a table", async () => {
    const report = await open(urls.file);
    const group = report.getByRole("region", { name: "Curves of mnist-mlp" });
    await group.getByText("Table of values").first().press("Enter");
    const table = group.getByRole("table", { name: /^loss of mnist-mlp/ });
    expect(await table.locator("thead").innerText()).toMatch(/steps\s+train\s+validation/);
    expect(await table.locator("tbody tr").count()).toBe(50);
    expect(await table.locator("tbody tr").last().locator("th").innerText()).toBe("2,000");
  });

  test("a confusion cell filters the predictions, by keyboard", async () => {
    const report = await open(urls.file);
    const article = report.getByRole("article", { name: "mnist-mlp" });
    const tiles = article.locator(".predictions li");
    const status = article.getByRole("status");
    expect(await article.locator(".confusion button").count()).toBe(100);
    expect(await tiles.count()).toBe(48);
    expect(await inkOf(tiles.first())).toBeGreaterThan(0);
    await article.getByRole("button", { name: "0 predicted as 0: 960" }).focus();
    for (const key of ["ArrowRight", "ArrowDown", ...Array(5).fill("ArrowRight"), "Enter"])
      await report.keyboard.press(key);
    const cell = article.getByRole("button", { name: "1 predicted as 6: 9", pressed: true });
    await cell.waitFor();
    expect(await status.innerText()).toMatch(/^10 of 200 .* true class 1 predicted as 6; in the whole test set 9\.$/);
    expect(await tiles.locator(".answer").allTextContents()).toEqual(Array(10).fill("✗ 1 → 6"));
    expect(await tiles.first().innerText()).toContain("wrong: 1 predicted as 6, confidence");
    await report.waitForFunction(() => location.hash === "#cell=mnist-mlp:1-6");
    await article.getByRole("button", { name: "Show all classes" }).press("Enter");
    expect(await focused(report)).toBe("predictions-mnist-mlp");
    await article.getByRole("radio", { name: "wrong only" }).press("Space");
    expect(await status.innerText()).toMatch(/^50 of 200/);
    await article.getByRole("button", { name: "Show all 50" }).press("Enter");
    expect(await tiles.count()).toBe(50);
    expect(await article.locator(".predictions li.wrong").count()).toBe(50);
    expect(complaints).toEqual([]);
  });

  test("every control is reached with Tab and shows that it is", async () => {
    const report = await open(urls.file);
    const kinds = new Set<string>();
    for (let i = 0; i < 90; i++) {
      await report.keyboard.press("Tab");
      const [kind, outline] = await report.evaluate(() => {
        const { activeElement: active } = document;
        if (active === null || active === document.body) return ["", ""] as const;
        return [active.getAttribute("type") ?? active.localName, getComputedStyle(active).outlineStyle] as const;
      });
      if (kind === "") break;
      kinds.add(kind);
      expect(outline, kind).not.toBe("none");
    }
    expect([...kinds].sort()).toEqual(["a", "button", "checkbox", "radio", "range", "summary"]);
  });

  test.each([
    ["as it opens", ""],
    ["with everything chosen", "#layout=together&y=log&x=epoch&smoothing=0.5&cell=mnist-mlp:1-6&wrong=mnist-workshop"],
  ])("360 pixels wide, %s, nothing leaves the screen", async (_, hash) => {
    const report = await open(urls.file + hash, {
      viewport: { width: 360, height: 740 },
      isMobile: true,
      hasTouch: true,
    });
    for (const summary of await report.locator("summary").all()) await summary.press("Enter");
    const [width, viewport] = await report.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    expect([width, viewport]).toEqual([360, 360]);
    const labels = await report
      .locator(".runs tbody")
      .first()
      .locator("td[data-label]")
      .evaluateAll((cells) => cells.map((cell) => getComputedStyle(cell, "::before").content));
    expect(labels).toContain('"Test accuracy"');
  });

  test.each(["light", "dark"] as const)("text stands out from its ground in the %s theme", async (colorScheme) => {
    const report = await open(`${urls.file}#cell=mnist-mlp:1-6`, { colorScheme });
    for (const summary of await report.locator("summary").all()) await summary.press("Enter");
    expect(await report.evaluate(weakContrasts)).toEqual([]);
  });
});

function focused(page: Page): Promise<string | undefined> {
  return page.evaluate(() => document.activeElement?.id);
}

/** Dark pixels of a tile's canvas. */
function inkOf(tile: Locator): Promise<number> {
  return tile.locator("canvas").evaluate((canvas) => {
    const { width, height } = canvas as HTMLCanvasElement;
    const data = (canvas as HTMLCanvasElement).getContext("2d")?.getImageData(0, 0, width, height).data ?? [];
    return [...data].filter((value, i) => i % 4 === 0 && value < 128).length;
  });
}

/** Text whose contrast is below 4.5 : 1 (WCAG AA). Runs in the page. */
function weakContrasts(): string[] {
  const context = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const known = new Map<string, number[]>();
  const rgb = (colour: string): number[] => {
    const again = known.get(colour);
    if (context === null || again !== undefined) return again ?? [];
    context.clearRect(0, 0, 1, 1);
    context.fillStyle = colour;
    context.fillRect(0, 0, 1, 1);
    known.set(colour, [...context.getImageData(0, 0, 1, 1).data]);
    return known.get(colour) ?? [];
  };
  const luminance = (colour: string): number => {
    const [r = 0, g = 0, b = 0] = rgb(colour).map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (start: Element): string => {
    for (let element: Element | null = start; element !== null; element = element.parentElement) {
      const colour = getComputedStyle(element).backgroundColor;
      if (rgb(colour)[3] === 255) return colour;
    }
    return "white";
  };
  const weak = new Set<string>();
  for (const element of document.querySelectorAll("body *:not(script, noscript, canvas)")) {
    const own = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim());
    if (!own || !(element as HTMLElement).checkVisibility()) continue;
    const svg = element.closest("svg") !== null;
    const style = getComputedStyle(element);
    const [a, b] = [luminance(svg ? style.fill : style.color), luminance(ground(element))];
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (contrast < 4.5) weak.add(`${element.localName}.${element.className} ${contrast.toFixed(2)}`);
  }
  return [...weak];
}
