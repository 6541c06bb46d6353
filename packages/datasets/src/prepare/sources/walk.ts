/** All files below a folder, in no order to rely on and without a list of them, links to folders left aside. */

import { type Dirent, opendirSync, realpathSync, statSync } from "node:fs";
import { join, sep } from "node:path";
import { DataError } from "../../errors.ts";
import type { Refusals } from "../refusals.ts";
import { leadsNowhere, whyUnreadable } from "../system-error.ts";

/** Deeper folders are refused: no set of images needs them. */
const deepest = 32;

/** Relative paths, with slashes. What is neither file nor folder, and links that are not to be followed, go to `refused`. */
export function* walk(root: string, refused: Refusals, folder: string = "", depth: number = 0): Generator<string> {
  for (const entry of list(join(root, folder))) {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (entry.name.startsWith(".")) continue;
    if (entry.isDirectory()) {
      if (depth === deepest) refused.add(path, `more than ${deepest} folders deep`);
      else yield* walk(root, refused, path, depth + 1);
    } else if (entry.isFile()) yield path;
    else {
      const reason = entry.isSymbolicLink() ? refuseLink(root, path) : "neither file nor folder";
      if (reason === undefined) yield path;
      else refused.add(path, reason);
    }
  }
}

/** Why a link is not followed; undefined when it leads to a file inside the root. */
function refuseLink(root: string, path: string): string | undefined {
  try {
    const real = realpathSync(join(root, path));
    if (statSync(real).isDirectory()) return "a link to a folder";
    return real.startsWith(root.endsWith(sep) ? root : root + sep) ? undefined : "a link that leads out of the folder";
  } catch (error) {
    if (!leadsNowhere(error)) throw error;
    return "code" in error && error.code === "ELOOP" ? "a link that leads to itself" : "a link that leads nowhere";
  }
}

function* list(path: string): Generator<Dirent> {
  try {
    const folder = opendirSync(path);
    try {
      for (let entry = folder.readSync(); entry !== null; entry = folder.readSync()) yield entry;
    } finally {
      folder.closeSync();
    }
  } catch (error) {
    if (!leadsNowhere(error)) throw error;
    throw new DataError({
      operation: "prepare",
      received: `${path}, ${whyUnreadable(error)}`,
      expected: "a folder that can be read",
    });
  }
}
