import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { launchChromium, skipBrowserTests } from "@nn/testing/chromium";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Bundle, bundleForBrowser } from "./bundle.ts";
import { createProject, type Project } from "./project.ts";
import { undeclaredImports } from "./undeclared-imports.ts";

const minutes = 60_000;
const packages = ["tensor", "model", "train", "datasets"];
const require = createRequire(import.meta.url);
const compiler = (name: string): string => join(dirname(require.resolve(`${name}/package.json`)), "bin/tsc");

let project: Project;
let bundle: Bundle;
let printed: string;

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
  expect(Number(loss)).toBeLessThan(0.2);
  expect(weightsSha256).toMatch(/^[0-9a-f]{64}$/);
});

test("the oldest supported Node gives the same bits", { timeout: 2 * minutes }, async () => {
  await project.run(process.execPath, [compiler("typescript"), ...consumers.node, "--outDir", "out", "moons.ts"]);
  const again = await project.run("npm", ["exec", "--yes", "--package=node@22.0.0", "--", "node", "out/moons.js"]);
  expect(again).toBe(printed);
});

const consumers = {
  node: ["--module", "nodenext", "--target", "es2022", "--types", "node"],
  bundler: ["--module", "esnext", "--moduleResolution", "bundler", "--target", "es2022", "--lib", "es2022,dom"],
};

test.each([
  ["typescript", "node"],
  ["typescript", "bundler"],
  ["typescript-5", "node"],
  ["typescript-5", "bundler"],
] as const)(
  "%s type-checks it for a %s, libraries included",
  { timeout: 2 * minutes },
  async (typescript, consumer) => {
    const options = ["--noEmit", "--strict", "--skipLibCheck", "false", ...consumers[consumer]];
    await project.run(process.execPath, [compiler(typescript), ...options, "moons.ts", "shapes.ts"]);
  },
);

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
