/**
 * One `prepare` at a time in a folder. Every run leaves a file there that is named for its process and then looks for
 * those of others, so that of two at once at least one sees the other. Files of processes that are gone are removed by
 * whoever finds them: their names come once only, so nobody removes the file of a run that goes on.
 */

import { randomUUID } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { open, readdir, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { ArgumentError } from "@nn/tensor";
import { isForbidden } from "./folder.ts";

/**
 * Keeps `folder` until the function that it gives is called, or the process ends.
 * @throws ArgumentError while another process, or another call in this one, prepares into it, and where nothing may be
 * written.
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const own = nameOf({ pid: process.pid, birth: birthOf(process.pid), token: randomUUID().slice(0, 8), place });
  const path = join(folder, own);
  const release = () => rm(path, { force: true });
  for (let attempt = 0; ; attempt++) {
    await create(path, folder);
    let other: Owner | undefined;
    try {
      other = await findOther(folder, own);
    } catch (error) {
      await release();
      throw error;
    }
    if (other === undefined) return release;
    await release();
    if (attempt === attempts) throw refuse(folder, other);
    // Two that begin at once see each other: who comes back first stays.
    await setTimeout(Math.random() * longestWaitMs);
  }
}

async function create(path: string, folder: string): Promise<void> {
  try {
    await (await open(path, "wx")).close();
  } catch (error) {
    if (!isForbidden(error)) throw error;
    throw new ArgumentError({
      operation: "prepare",
      received: `out ${folder}, into which nothing may be written (${(error as NodeJS.ErrnoException).code})`,
      expected: "a folder that may be written to",
    });
  }
}

const attempts = 5;
const longestWaitMs = 100;

interface Owner {
  readonly pid: number;
  /** When the process began, as far as the system tells: numbers of processes come again. */
  readonly birth: string;
  readonly token: string;
  /** Where its number means it: the machine, and on Linux the namespace, of which every container has one. */
  readonly place: string;
}

const place =
  hostname()
    .replace(/[^A-Za-z0-9.-]/g, "-")
    .slice(0, 100) + namespace();

/** Of process numbers: `-4026531836` and the like; empty where there are none. */
function namespace(): string {
  try {
    return `-${readlinkSync("/proc/self/ns/pid").replace(/\D/g, "")}`;
  } catch {
    return "";
  }
}

const nameOf = ({ pid, birth, token, place }: Owner): string => `.prepare-${pid}-${birth}-${token}-${place}.lock`;

function parseName(file: string): Owner | undefined {
  const match = /^\.prepare-(\d+)-(\d+)-([0-9a-f]{8})-([A-Za-z0-9.-]*)\.lock$/.exec(file);
  return match === null ? undefined : { pid: Number(match[1]), birth: match[2]!, token: match[3]!, place: match[4]! };
}

/** Another run that goes on in the folder; what is left of those that do not is removed. */
async function findOther(folder: string, own: string): Promise<Owner | undefined> {
  let found: Owner | undefined;
  for (const file of await readdir(folder)) {
    const owner = file === own ? undefined : parseName(file);
    if (owner === undefined) continue;
    if (isAlive(owner)) found = owner;
    else await rm(join(folder, file), { force: true });
  }
  return found;
}

/** Of processes elsewhere, and of those whose birth is not known, nobody can tell: they count as alive. */
function isAlive({ pid, birth, place: where }: Owner): boolean {
  if (where !== place) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
  }
  const found = birthOf(pid);
  return found === birth || (found !== "gone" && [found, birth].includes("0"));
}

/** In ticks since the machine began, where the system has /proc; else 0. */
function birthOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // After the program's name in brackets, which may hold anything: state is the first, the beginning the 20th.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" || fields[0] === "X" ? "gone" : (fields[19] ?? "0");
  } catch {
    return "0";
  }
}

function refuse(folder: string, owner: Owner): ArgumentError {
  const where = owner.place === place ? `process ${owner.pid}` : `process ${owner.pid} on ${owner.place}`;
  return new ArgumentError({
    operation: "prepare",
    received: `${folder}, into which ${where} is preparing`,
    expected: "one prepare at a time in a folder",
    fix: `Wait until it has ended. If that is no prepare any more, remove ${nameOf(owner)} there.`,
  });
}
