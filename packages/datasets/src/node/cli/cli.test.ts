import { spawnSync } from "node:child_process";
import { appendFile, chmod, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openDataset } from "../../node.ts";
import { run } from "./index.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "nn-cli-"));
  for (let i = 0; i < 12; i++) {
    await mkdir(join(folder, `in/${i % 3}`), { recursive: true });
    const pixels = Uint8Array.from({ length: 30 }, (_, at) => (i * 19 + at * 7) % 256);
    await sharp(pixels, { raw: { width: 5, height: 6, channels: 1 } })
      .png()
      .toFile(join(folder, `in/${i % 3}/${i}.png`));
  }
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** Runs a command; `IN` and `OUT` stand for folders. */
async function call(...args: string[]) {
  let [out, error, ms] = ["", "", 0];
  const code = await run(
    args.map((arg) => arg.replace(/^IN/, join(folder, "in")).replace(/^OUT/, join(folder, "out"))),
    {
      out: (text) => {
        out += text;
      },
      error: (text) => {
        error += text;
      },
      terminal: undefined,
      // Every look at the clock is 4 seconds after the last.
      now: () => (ms += 4000),
    },
  );
  return { code, out, error };
}

describe("prepare", () => {
  test("a folder: a summary, and lines of progress where nobody watches", async () => {
    const { code, out, error } = await call("prepare", "IN", "--out", "OUT", "--shard-size", "2");
    expect(code).toBe(0);
    expect(out).toMatch(
      /^in 1\.0\.0: 12 rows \(12 train\), 6 shards, 0\.0 MB, [\d.]+ s, sha256:[0-9a-f]{12}…\nsteps: decode/,
    );
    expect(error).toMatch(/^in: \d+ of 12, \d+\/s, \d+ s left$/m);
  });

  test("--json prints the manifest and nothing else", async () => {
    const { out, error } = await call("prepare", "IN", "-o", "OUT", "--json", "--name", "n", "--data-version", "2");
    expect(JSON.parse(out)).toMatchObject({ name: "n", version: "2", rows: 12, classNames: ["0", "1", "2"] });
    expect(error).toBe("");
  });

  test("options reach sharp", async () => {
    const args = ["--size", "3x2", "--fit", "fill", "--invert", "--background", "black"];
    const { out } = await call("prepare", "IN", "-o", "OUT", "--json", ...args);
    expect(JSON.parse(out)).toMatchObject({
      inputShape: [3, 2, 1],
      steps: ["decode@1(background=black)", "greyscale@1()", "resize@1(height=3,width=2,fit=fill)", "invert@1()"],
    });
  });

  test("folders inside class folders: the error names the option that tells", async () => {
    await mkdir(join(folder, "in-deep/a/more"), { recursive: true });
    await mkdir(join(folder, "in-deep/b/more"), { recursive: true });
    for (const name of ["a", "b"])
      await copyFile(join(folder, "in/0/0.png"), join(folder, `in-deep/${name}/more/1.png`));
    const failed = await call("prepare", "IN-deep", "-o", "OUT");
    expect(failed).toMatchObject({ code: 1, out: "" });
    expect(failed.error).toContain("on the command line with --no-splits or --splits");
    const splits = await call("prepare", "IN-deep", "-o", "OUT", "--json", "--splits");
    expect(JSON.parse(splits.out)).toMatchObject({ classNames: ["more"], splits: { a: { rows: 1 }, b: { rows: 1 } } });
    const classes = await call("prepare", "IN-deep", "-o", "OUT", "--no-splits");
    expect(classes.out).toMatch(/^in-deep 1\.0\.0: 2 rows \(2 train\), 1 shard, /);
    expect((await call("verify", "OUT")).out).toMatch(/^in-deep: 1 shard, 2 rows, /);
  });

  test("one row is one row, and one shard one shard", async () => {
    await mkdir(join(folder, "in-one/a"), { recursive: true });
    await copyFile(join(folder, "in/0/0.png"), join(folder, "in-one/a/0.png"));
    await writeFile(join(folder, "in-one/notes.txt"), "");
    const { out } = await call("prepare", "IN-one", "-o", "OUT");
    expect(out).toContain(": 1 row (1 train), 1 shard, ");
    expect(out).toContain("left out: 0 without a label, 1 other file\n");
    expect((await call("verify", "OUT")).out).toMatch(/: 1 shard, 1 row, /);
    await appendFile(join(folder, "out/train-00000-of-00001.arrow"), "x");
    expect((await call("verify", "OUT")).error).toContain(": 1 problem; prepare the dataset again");
  });

  test("a bad image ends the run, or is left out and named", async () => {
    await writeFile(join(folder, "in/1/x.png"), "no");
    const failed = await call("prepare", "IN", "-o", "OUT");
    expect(failed).toMatchObject({ code: 1, out: "" });
    expect(failed.error).toContain("1/x.png, which begins like no image");
    const { code, out } = await call("prepare", "IN", "-o", "OUT", "--on-error", "skip");
    expect(code).toBe(0);
    expect(out).toContain("skipped: 1\n  1/x.png: which begins like no image");
  });

  test("EMNIST's letters, stored column by column and numbered from 1, compressed", async () => {
    // A picture of 2 rows and 3 columns: 1 2 3 / 4 5 6, and the same plus 10.
    const columns = Uint8Array.of(1, 4, 2, 5, 3, 6, 11, 14, 12, 15, 13, 16);
    const files = join(folder, "in-emnist");
    await mkdir(files);
    const images = Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 2, ...columns);
    await writeFile(join(files, "emnist-letters-train-images-idx3-ubyte.gz"), gzipSync(images));
    const labels = Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 1, 26);
    await writeFile(join(files, "emnist-letters-train-labels-idx1-ubyte.gz"), gzipSync(labels));
    const letters = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"];
    const flags = ["--transposed", "--first-label", "1", "--classes", letters.join(",")];
    expect((await call("prepare", "IN-emnist", "-o", "OUT", ...flags)).code).toBe(0);
    const check = async (out: string) => {
      const { inputs, targets, target } = await openDataset(join(folder, out));
      expect(inputs.shape).toEqual([2, 2, 3, 1]);
      expect([...inputs.data]).toEqual([1, 2, 3, 4, 5, 6, 11, 12, 13, 14, 15, 16]);
      expect([...targets.data].map((label) => target.names?.[label])).toEqual(["A", "Z"]);
    };
    await check("out");
    const path = (what: string) => ({ path: `emnist-letters-train-${what}-ubyte.gz` });
    const splits = { train: { images: path("images-idx3"), labels: path("labels-idx1") } };
    const source = { type: "idx", folder: "in-emnist", transposed: true, firstLabel: 1, splits };
    await writeFile(join(folder, "in.json"), JSON.stringify({ name: "x", version: "1", classNames: letters, source }));
    expect((await call("prepare", "IN.json", "-o", "OUT2")).code).toBe(0);
    await check("out2");
  });

  test("IDX files by their usual names, and a description", async () => {
    await mkdir(join(folder, "idx"));
    await writeFile(
      join(folder, "idx/t10k-images-idx3-ubyte"),
      Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, 7, 8),
    );
    await writeFile(join(folder, "idx/t10k-labels-idx1-ubyte"), Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 1, 0));
    const first = await call("prepare", join(folder, "idx"), "-o", "OUT", "--json");
    expect(JSON.parse(first.out)).toMatchObject({ rows: 2, classNames: ["0", "1"], splits: { test: { mean: 7.5 } } });
    const files = { images: { path: "t10k-images-idx3-ubyte" }, labels: { path: "t10k-labels-idx1-ubyte" } };
    const source = { type: "idx", folder: "idx", splits: { test: files } };
    await writeFile(
      join(folder, "d.json"),
      JSON.stringify({ name: "x", version: "3", classNames: ["no", "yes"], source }),
    );
    const second = await call("prepare", join(folder, "d.json"), "-o", "OUT", "--json");
    expect(JSON.parse(second.out)).toMatchObject({ name: "x", version: "3", classNames: ["no", "yes"] });
    expect(JSON.parse(second.out).fingerprint).toBe(JSON.parse(first.out).fingerprint);
  });

  describe("options that do not apply are refused", () => {
    const sourceFlags = [
      ["--name", "n"],
      ["--data-version", "2"],
      ["--classes", "a,b"],
      ["--pattern", "{label}_*"],
      ["--splits"],
      ["--no-splits"],
      ["--tile", "2x2"],
      ["--labels", "l.txt"],
      ["--transposed"],
      ["--first-label", "1"],
    ];
    const description = async (source: object) =>
      writeFile(join(folder, "in.json"), JSON.stringify({ name: "x", version: "1", classNames: ["a", "b"], source }));

    test.each(sourceFlags)("%s with a description", async (...flag) => {
      await description({ type: "folder", folder: "in" });
      const { code, error } = await call("prepare", "IN.json", "-o", "OUT", ...flag);
      expect(code).toBe(2);
      expect(error).toContain(`received ${flag[0]} with a description`);
    });

    test.each([["--size", "3"], ["--normalize", "mnist"], ["--invert"], ["--fit", "fill"], ["--background", "black"]])(
      "%s with points",
      async (...flag) => {
        await description({ type: "moons", samples: 4 });
        const { code, error } = await call("prepare", "IN.json", "-o", "OUT", ...flag);
        expect(code).toBe(2);
        expect(error).toContain(`received ${flag[0]!.slice(2)} for points`);
        expect((await call("prepare", "IN.json", "-o", "OUT")).code).toBe(0);
      },
    );

    test.each([
      ["IN", "--tile", "2x2"],
      ["IN", "--labels", "l.txt"],
      ["IN", "--transposed"],
      ["IN", "--pattern", "{split}_{label}", "--first-label", "1"],
      ["IN", "--pattern", "{split}_{label}", "--splits"],
      ["IN.csv", "--no-splits"],
      ["IN.csv", "--pattern", "{label}"],
      ["IN.csv", "--transposed"],
      ["IN/0/0.png", "--tile", "2x2", "--labels", "l.txt", "--pattern", "{label}"],
    ])("%j", async (path, ...flags) => {
      await writeFile(join(folder, "in.csv"), "path,label\nin/0/0.png,a\n");
      const { code, error } = await call("prepare", path, "-o", "OUT", ...flags);
      expect(code).toBe(2);
      expect(error).toMatch(/^prepare: received --[a-z-]+ with .*; expected /);
    });
  });

  test("what failed for the machine's sake is kept by prepare, and not said to be by others", async () => {
    await call("prepare", "IN", "-o", "OUT");
    const sheet = await call("inspect", "OUT", "--contact-sheet", join(folder, "no/such/sheet.png"));
    expect(sheet.code).toBe(3);
    expect(sheet.error).not.toContain("kept");
    await rm(join(folder, "out/.prepared"));
    await mkdir(join(folder, "out/.prepared"));
    const failed = await call("prepare", "IN", "-o", "OUT", "--name", "other", "--json");
    expect(failed.code).toBe(3);
    expect(failed.error).toContain("What is done so far is kept");
    expect([sheet.error, failed.error].map((error) => error.split("\n").length)).toEqual([2, 2]);
  });

  test.each([
    [["prepare"], 2],
    [["prepare", "IN"], 2],
    [["prepare", "IN", "-o", "OUT", "--size", "big"], 2],
    [["prepare", "IN", "-o", "OUT", "--shard-size", "0"], 2],
    [["prepare", "IN", "-o", "OUT", "--on-error", "shrug"], 2],
    [["prepare", "IN", "-o", "OUT", "--pattern", "x"], 2],
    [["prepare", "IN", "-o", "OUT", "--name", ""], 2],
    [["prepare", "IN", "-o", "OUT", "--name", " "], 2],
    [["prepare", "IN", "-o", "OUT", "--data-version", ""], 2],
    [["prepare", "IN", "-o", "OUT", "--classes", ""], 2],
    [["prepare", "IN", "-o", ""], 2],
    [["prepare", "", "-o", "OUT"], 1],
    [["verify", ""], 2],
    [["inspect", ""], 2],
    [["prepare", "IN/0/0.png", "-o", "OUT"], 2],
    [["prepare", "IN/none", "-o", "OUT"], 1],
    [["prepare", "IN", "-o", "OUT", "--pattern", "{label}-never"], 1],
    [["verify", "IN"], 1],
    [["inspect", "IN"], 1],
    [["nonsense"], 2],
    [["--help"], 0],
    [["prepare", "--help"], 0],
  ])("%j exits with %d", async (args, code) => {
    const result = await call(...args);
    expect(result.code).toBe(code);
    expect(result[code === 0 ? "out" : "error"]).not.toBe("");
  });

  test.each([
    [{ name: "x" }, "version missing"],
    [{ name: "x", version: "1", source: { type: "tape" } }, 'source.type "tape"'],
    [{ name: "x", version: "1", source: { type: "folder" }, colour: 1 }, "a field colour"],
    [{ name: "x", version: "1", source: { type: "idx", splits: { train: {} } } }, "source.splits"],
    [{ name: "x", version: "1", source: { type: "folder" }, image: { size: 28 } }, "image.size 28"],
    [{ name: "x", version: "1", source: { type: "folder", package: "no-such-package-here" } }, "no package"],
    [
      {
        name: "x",
        version: "1",
        source: { type: "idx", splits: { a: { images: { path: "i" }, labels: { path: "l" } } }, install: "Do so." },
      },
      "Do so.",
    ],
    [[], "without an object"],
  ])("refuses the description %j", async (description, message) => {
    await writeFile(join(folder, "d.json"), JSON.stringify(description));
    const { code, error } = await call("prepare", join(folder, "d.json"), "-o", "OUT");
    expect(code).toBe(1);
    expect(error).toContain(message);
  });

  test("a read-only folder, and one that cannot be made, are told as what they are in a line", async () => {
    for (const [out, said] of [
      ["OUT-file/x", "which is a file or lies below one"],
      ...(process.platform === "linux" ? [["/proc/self", "into which nothing may be written"]] : []),
    ] as const) {
      await writeFile(join(folder, "out-file"), "");
      const { code, error } = await call("prepare", "IN", "-o", out!);
      expect([code, error.split("\n").length]).toEqual([2, 2]);
      expect(error).toContain(said);
    }
  });

  test.skipIf(process.getuid?.() === 0)("what may not be read is told in a line", async () => {
    await chmod(join(folder, "in/1/1.png"), 0);
    const { code, error } = await call("prepare", "IN", "-o", "OUT");
    expect([code, error.split("\n").length]).toEqual([3, 2]);
    expect(error).toMatch(/^prepare: permission denied \(EACCES: .*1\.png'\)\./);
  });

  test("a bar with rate and time left on a terminal", async () => {
    const terminal = Object.assign(new PassThrough(), {
      isTTY: true,
      columns: 100,
      cursorTo: () => true,
      clearLine: () => true,
    });
    let drawn = "";
    terminal.on("data", (piece) => {
      drawn += piece;
    });
    let ms = 0;
    const io = { out: () => undefined, error: () => undefined, terminal: terminal as never, now: () => (ms += 1000) };
    expect(await run(["prepare", join(folder, "in"), "-o", join(folder, "out"), "--shard-size", "1"], io)).toBe(0);
    expect(drawn).toMatch(/in \[.*\]/);
  });
});

describe("inspect and verify", () => {
  beforeEach(async () => {
    await call("prepare", "IN", "-o", "OUT", "--shard-size", "5");
  });

  test("inspect tells schema, counts and statistics", async () => {
    const { code, out } = await call("inspect", "OUT");
    expect(code).toBe(0);
    expect(out).toMatch(/^columns +image: list of 30 uint8; label: uint8$/m);
    expect(out).toMatch(/^train +12 +[\d.]+ +[\d.]+ +3 +0\.0$/m);
    expect(out).toMatch(/^class +train\n0 +4\n1 +4\n2 +4$/m);
    expect(JSON.parse((await call("inspect", "OUT", "--json")).out).rows).toBe(12);
  });

  test("a contact sheet has a row a class", async () => {
    const file = join(folder, "sheet.png");
    await call("inspect", "OUT", "--contact-sheet", file, "--per-class", "3", "--split", "train");
    const { width, height, channels } = await sharp(await readFile(file)).metadata();
    expect({ width, height, channels }).toEqual({ width: 2 + 3 * 7, height: 2 + 3 * 8, channels: 1 });
    const { data } = await sharp(await readFile(file))
      .greyscale()
      .raw()
      .toBuffer({ resolveWithObject: true });
    // The first image of class 1 is image 1, whose first pixel is 19.
    expect(data[(2 + 8) * 23 + 2]).toBe(19);
    expect((await call("inspect", "OUT", "--contact-sheet", file, "--split", "test")).code).toBe(2);
  });

  test("verify finds nothing, or names what was altered", async () => {
    expect(await call("verify", "OUT")).toEqual({
      code: 0,
      out: "in: 3 shards, 12 rows, sums, counts and fingerprints as stated\n",
      error: "",
    });
    const file = join(folder, "out/train-00001-of-00003.arrow");
    await writeFile(file, (await readFile(file)).with(150, 1));
    const { code, error } = await call("verify", "OUT");
    expect(code).toBe(1);
    expect(error).toMatch(/^train-00001-of-00003\.arrow: .* with SHA-256/);
    const json = JSON.parse((await call("verify", "OUT", "--json")).out);
    expect(json).toMatchObject({ ok: false, shards: 3, findings: [{ file: "train-00001-of-00003.arrow" }] });
  });

  test.each([
    ["classCounts", (text: string) => text.replace(/("classCounts": \[\s*)4,(\s*)4/, "$13,$25"), "other class counts"],
    ["mean", (text: string) => text.replace(/"mean": [\d.]+/, '"mean": 100'), "another mean"],
    [
      "standardDeviation",
      (text: string) => text.replace(/"standardDeviation": [\d.]+/, '"standardDeviation": 1'),
      "another standard deviation",
    ],
  ])("verify does not believe %s", async (_, change, problem) => {
    const file = join(folder, "out/manifest.json");
    const text = await readFile(file, "utf8");
    expect(change(text)).not.toBe(text);
    await writeFile(file, change(text));
    const { code, error } = await call("verify", "OUT");
    expect(code).toBe(1);
    expect(error).toContain(`manifest.json: ${problem} than the rows of split train`);
  });

  test("verify does not believe a fingerprint", async () => {
    const file = join(folder, "out/manifest.json");
    const text = await readFile(file, "utf8");
    const { fingerprint } = JSON.parse(text);
    await writeFile(file, text.replaceAll(fingerprint, `sha256:${"0".repeat(64)}`));
    expect((await call("verify", "OUT")).error).toContain("another fingerprint than the rows");
  });
});

test("the installed command runs", () => {
  const bin = fileURLToPath(new URL("../../../bin/nn-datasets.js", import.meta.url));
  const { status, stdout } = spawnSync(process.execPath, ["--conditions=@nn/source", bin, "--help"], {
    encoding: "utf8",
  });
  expect(stdout).toContain("Usage: nn-datasets");
  expect(status).toBe(0);
});
