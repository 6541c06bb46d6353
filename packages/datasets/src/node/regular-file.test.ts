import { execFileSync } from "node:child_process";
import fs from "node:fs";
import { mkdir, mkdtemp, realpath, rename, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  type FileCalls,
  type OpenFile,
  openInside,
  openRegular,
  openUnlinked,
  readText,
  readWhole,
  UnusableFile,
  whyUnreadable,
} from "./regular-file.ts";

let root: string;
let folder: string;

beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), "nn-regular-")));
  folder = join(root, "in");
  await mkdir(join(folder, "a"), { recursive: true });
  await writeFile(join(folder, "a/1.txt"), "inside");
  await mkdir(join(root, "out"));
  await writeFile(join(root, "out/1.txt"), "secret");
});

afterEach(async () => {
  await rm(root, { recursive: true });
});

const opens: Record<string, (path: string, calls?: FileCalls) => OpenFile> = {
  openRegular: (path, calls) => openRegular(join(folder, path), calls),
  openUnlinked: (path, calls) => openUnlinked(join(folder, path), calls),
  openInside: (path, calls) => openInside(folder, path, calls),
};

/** Why a path is not opened. */
function reason(run: () => OpenFile): string {
  let file: OpenFile;
  try {
    file = run();
  } catch (error) {
    return whyUnreadable(error);
  }
  return `opened: ${readText(file, "the file", 100)}`;
}

describe.each(Object.entries(opens))("%s", (_, open) => {
  test("reads a file, and tells it from another and from what it was", async () => {
    const [first, second] = [open("a/1.txt"), open("a/1.txt")];
    expect([first.size, first.identity]).toEqual([6, second.identity]);
    expect([readText(first, "", 6), readText(second, "", 6)]).toEqual(["inside", "inside"]);
    await writeFile(join(folder, "a/1.txt"), "longer than before");
    const third = open("a/1.txt");
    expect(third.identity).not.toBe(first.identity);
    expect(() => readWhole(third, "x", 17)).toThrow("18 bytes, where 17 are the most");
    expect(() => fs.fstatSync(third.handle)).toThrow("EBADF");
  });

  test("opens no folder, and nothing where there is nothing", () => {
    expect(reason(() => open("a"))).toBe("which is a folder, not a regular file");
    expect(reason(() => open("none"))).toBe("which cannot be read (ENOENT)");
    expect(reason(() => open("a/1.txt/x"))).toBe("which cannot be read (ENOTDIR)");
  });

  test.skipIf(process.platform === "win32")("does not wait for a pipe, nor opens a socket or a device", async () => {
    execFileSync("/usr/bin/env", ["mkfifo", join(folder, "pipe")]);
    expect(reason(() => open("pipe"))).toBe("which is a named pipe, not a regular file");
    const server = createServer().listen(join(folder, "socket"));
    try {
      await new Promise((resolve) => server.once("listening", resolve));
      expect(reason(() => open("socket"))).toBe("which is a socket, not a regular file");
    } finally {
      server.close();
    }
    await symlink("/dev/zero", join(folder, "zero"));
    expect(reason(() => open("zero"))).toMatch(
      /^which is a (device|link), not a regular file$|leads out of the folder$/,
    );
  });

  test.skipIf(process.platform === "win32")("does not wait for a pipe that came after the check", async () => {
    execFileSync("/usr/bin/env", ["mkfifo", join(root, "pipe")]);
    const calls = swapping(() => fs.renameSync(join(root, "pipe"), join(folder, "a/1.txt")));
    expect(reason(() => open("a/1.txt", calls))).toBe("which is a named pipe, not a regular file");
  });

  test("reads no other file that came after the check", async () => {
    const calls = swapping(() => fs.renameSync(join(root, "out/1.txt"), join(folder, "a/1.txt")));
    expect(reason(() => open("a/1.txt", calls))).toBe("which was replaced while it was opened");
  });

  test("reads no link that came after the check", async () => {
    await symlink(join(root, "out/1.txt"), join(root, "link"));
    const calls = swapping(() => fs.renameSync(join(root, "link"), join(folder, "a/1.txt")));
    expect(reason(() => open("a/1.txt", calls))).toMatch(/ELOOP|which was replaced while it was opened/);
  });
});

/** The system's calls, with a change to the folder right before a file is opened. */
const swapping = (change: () => void): FileCalls => ({
  ...fs,
  openSync: (path, flags) => {
    change();
    return fs.openSync(path, flags);
  },
});

describe("links", () => {
  test.each([
    ["to a file inside", "a/1.txt", "opened: inside"],
    ["to a file outside", "../out/1.txt", "a link that leads out of the folder"],
    ["to itself", "link", "which cannot be read (ELOOP)"],
  ])("%s", async (_, to, inside) => {
    await symlink(to, join(folder, "link"));
    expect(reason(() => opens.openInside!("link"))).toBe(inside);
    expect(reason(() => opens.openUnlinked!("link"))).toBe("which is a link, not a regular file");
  });

  test("a folder beside, whose name begins alike", async () => {
    await mkdir(`${folder}-side`);
    await writeFile(`${folder}-side/1.txt`, "secret");
    await symlink("../in-side/1.txt", join(folder, "link"));
    expect(reason(() => opens.openInside!("link"))).toBe("a link that leads out of the folder");
  });

  // The file itself is the same before and after: its folder is what is swapped, for the time of the call.
  test.skipIf(process.platform !== "linux")(
    "a folder that is a link while the file in it is checked and opened",
    async () => {
      const away = () => {
        fs.renameSync(join(folder, "a"), join(folder, "b"));
        fs.symlinkSync(join(root, "out"), join(folder, "a"));
      };
      const calls: FileCalls = {
        ...fs,
        lstatSync: ((path: string, options: { bigint: true }) => {
          away();
          return fs.lstatSync(path, options);
        }) as typeof fs.lstatSync,
      };
      expect(reason(() => openInside(folder, "a/1.txt", calls))).toBe("a link that leads out of the folder");
    },
  );
});

test("the path stands in the message of what is thrown", async () => {
  expect(() => openRegular(folder)).toThrow(UnusableFile);
  expect(() => openRegular(folder)).toThrow(`${folder}, which is a folder, not a regular file`);
  await rename(join(folder, "a/1.txt"), join(folder, "a/2.txt"));
  expect(() => openRegular(join(folder, "a/1.txt"))).toThrow("ENOENT");
});
