import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { launchChromium, skipBrowserTests } from "@nn/testing/chromium";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Bundle, bundleForBrowser } from "./bundle.ts";
import { createProject, type Project } from "./project.ts";
import { undeclaredImports } from "./undeclared-imports.ts";

const minutes = 600_000;
const packages = ["tensor", "arrow", "model", "train", "datasets"];
const require = createRequire(import.meta.url);

let project: Project;
let bundle: Bundle;
let printed: string;

/** TypeScript of that name in the project, with the options of tsconfig.`consumer`.json and `more`. */
function compile(typescript: string, consumer: string, ...more: string[]): Promise<string> {
  const compiler = join(dirname(require.resolve(`${typescript}/package.json`)), "bin/tsc");
  return project.run(process.execPath, [compiler, "-p", `tsconfig.${consumer}.json`, ...more]);
}

beforeAll(async () => {
  project = await createProject(packages, ["@types/node@22"]);
  printed = await project.run(process.execPath, ["moons.ts"]);
  bundle = await bundleForBrowser(project.directory, "moons.ts");
}, 5 * minutes);

afterAll(() => project?.remove());

test.each(packages)("@nn/%s imports only what it declares", async (name) => {
  expect(await undeclaredImports(join(project.directory, "node_modules/@nn", name))).toEqual([]);
});

test("the program trains", () => {
  const [loss, weightsSha256] = printed.trim().split(" ");
  expect(Number(loss)).toBeLessThan(0.3);
  expect(weightsSha256).toMatch(/^[0-9a-f]{64}$/);
});

test.each([
  ["typescript", "bundler"],
  ["typescript-5", "bundler"],
  ["typescript-5", "node"],
])("%s type-checks it for a %s, declarations of the packages included", { timeout: 4 * minutes }, async (...of) => {
  const files = await compile(...of, "--noEmit", "--listFiles");
  expect(files).toContain("@nn/train/dist/index.d.ts");
  expect(files).not.toContain("apache-arrow");
});

// The strictest options of a project that publishes declarations of its own, without types of Node or the DOM.
test.each(["typescript", "typescript-5"])(
  "%s writes declarations of what a program exports",
  {
    timeout: 4 * minutes,
  },
  async (typescript) => {
    await compile(typescript, "declarations");
    const declarations = await readFile(join(project.directory, "out/contracts.d.ts"), "utf8");
    expect(declarations).toContain("export declare const network");
    expect(declarations).not.toMatch(/: any\b/);
  },
);

test("typescript compiles it for the oldest supported Node, which gives the same bits", {
  timeout: 4 * minutes,
}, async () => {
  await compile("typescript", "node");
  const again = await project.run("npm", ["exec", "--yes", "--package=node@22.0.0", "--", "node", "out/moons.js"]);
  expect(again).toBe(printed);
});

test("the bundle needs nothing of Node", () => {
  expect(bundle.nodeOnly).toEqual([]);
});

test.skipIf(skipBrowserTests)("Chromium gives the same bits", { timeout: 2 * minutes }, async () => {
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    const lines: string[] = [];
    page.on("console", (message) => lines.push(message.text()));
    page.on("pageerror", (error) => lines.push(String(error)));
    await page.route("**/*", (route) => route.fulfill({ contentType: "text/html", body: "<title>moons</title>" }));
    await page.goto("http://localhost/");
    await page.addScriptTag({ type: "module", content: bundle.code });
    await expect.poll(() => lines, { timeout: minutes }).toEqual([printed.trim()]);
  } finally {
    await browser.close();
  }
});
