/** A file that a command writes for the user, whole or not at all. */

import { statSync } from "node:fs";
import { readdir, realpath } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { ArgumentError } from "@nn/tensor";
import { ifThere } from "../../prepare/system-error.ts";
import { partialSuffix, remove, writeWhole } from "../../prepare/whole-file.ts";
import { formatOwner, isAlive, newOwner, parseOwner } from "../file-owner.ts";

/**
 * Writes `path`, or the file that a link of this name leads to, under a name of this process and then gives it its own. What
 * killed processes left of the same file is removed; what a live one is writing is not.
 * @throws ArgumentError when the path is a folder, a pipe or a device, which no file may replace.
 */
export async function writeOwned(path: string, content: Uint8Array): Promise<void> {
  const found = ifThere(() => statSync(path));
  if (found !== undefined && !found.isFile()) {
    throw new ArgumentError({
      operation: "inspect",
      received: `${path}, which is ${found.isDirectory() ? "a folder" : "no regular file"}`,
      expected: "the name of a file to write",
    });
  }
  const target = found === undefined ? path : await realpath(path);
  const [folder, name] = [dirname(target), basename(target)];
  const start = `.${name}.`;
  for (const file of await readdir(folder)) {
    if (!file.startsWith(start) || !file.endsWith(partialSuffix)) continue;
    const owner = parseOwner(file.slice(start.length, -partialSuffix.length));
    if (owner !== undefined && !isAlive(owner)) await remove(join(folder, file));
  }
  await writeWhole(target, content, join(folder, `${start}${formatOwner(newOwner())}${partialSuffix}`));
}
