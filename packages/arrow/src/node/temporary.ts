/** Names for files and folders that are being made, and the removal of those that killed processes left. */

import { readdirSync, rmSync, statSync } from "node:fs";
import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { attempt } from "./attempt.ts";
import { formatOwner, isAlive, newOwner, type Owner, ownPlace, parseOwner } from "./owner.ts";

/** A name that this process alone uses, once: `<name>.<owner>.tmp`. */
export function temporaryName(name: string): string {
  return `${name}.${formatOwner(newOwner())}.tmp`;
}

/** The parts of a name that `temporaryName` made; undefined for other names. */
export function parseTemporaryName(file: string): { readonly name: string; readonly owner: Owner } | undefined {
  const [, name = "", text = ""] = /^(.+)\.([^.]+)\.tmp$/s.exec(file) ?? [];
  const owner = parseOwner(text);
  return owner === undefined ? undefined : { name, owner };
}

/**
 * Removes from `folder` the files and folders whose names `temporaryName` made and whose process is gone; with `name` only
 * those made for it. What cannot be read or removed stays.
 */
export async function removeLeftovers(folder: string, name?: string): Promise<void> {
  for (const file of await readdir(folder).catch(() => [])) {
    const path = join(folder, file);
    const judge = judgeOf(file, name);
    if (judge === "gone" || (judge === "elsewhere" && isOld((await stat(path).catch(() => undefined))?.mtimeMs)))
      await rm(path, { recursive: true, force: true }).catch(() => undefined);
  }
}

/** As `removeLeftovers`; the thread waits. */
export function removeLeftoversSync(folder: string, name?: string): void {
  for (const file of attempt(() => readdirSync(folder)) ?? []) {
    const path = join(folder, file);
    const judge = judgeOf(file, name);
    if (judge === "gone" || (judge === "elsewhere" && isOld(attempt(() => statSync(path))?.mtimeMs)))
      attempt(() => rmSync(path, { recursive: true, force: true }));
  }
}

function judgeOf(file: string, name: string | undefined): "not ours" | "alive" | "gone" | "elsewhere" {
  const parsed = parseTemporaryName(file);
  if (parsed === undefined || (name !== undefined && parsed.name !== name)) return "not ours";
  if (parsed.owner.place !== ownPlace) return "elsewhere";
  return isAlive(parsed.owner) ? "alive" : "gone";
}

const dayMs = 86_400_000;

/** Process numbers mean nothing on another machine; but no process takes a day to write a file. */
const isOld = (modifiedMs: number | undefined): boolean => modifiedMs !== undefined && modifiedMs < Date.now() - dayMs;
