/** A file that a command writes for the user, whole or not at all. */

import { statSync } from "node:fs";
import { realpath, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { writeFileAtomically } from "@nn/arrow/node";
import { ArgumentError } from "@nn/tensor";
import { ifThere } from "../../prepare/system-error.ts";

/**
 * Writes `path`, or the file that a link of this name leads to, atomically. Its folder is not made: more likely its name is
 * mistyped.
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
  await stat(dirname(target));
  await writeFileAtomically(target, content);
}
