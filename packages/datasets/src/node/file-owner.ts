/** Which process a file belongs to, said in its name: what a killed run leaves behind is told from what a live one uses. */

import { randomUUID } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/** A process, and one thing that it does. */
export interface Owner {
  readonly pid: number;
  /** When the process began, as far as the system tells: numbers of processes come again. */
  readonly birth: string;
  readonly token: string;
  /** Where its number means it: the machine, and on Linux the namespace, of which every container has one. */
  readonly place: string;
}

/** Where this process runs. */
export const ownPlace: string =
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

/** This process, with a token that comes once only. */
export function newOwner(): Owner {
  return { pid: process.pid, birth: birthOf(process.pid), token: randomUUID().slice(0, 8), place: ownPlace };
}

/** The owner as a part of a file's name. */
export const formatOwner = ({ pid, birth, token, place }: Owner): string => `${pid}-${birth}-${token}-${place}`;

/** The owner that `formatOwner` wrote; undefined when `text` is something else. */
export function parseOwner(text: string): Owner | undefined {
  const match = /^(\d+)-(\d+)-([0-9a-f]{8})-([A-Za-z0-9.-]*)$/.exec(text);
  return match === null ? undefined : { pid: Number(match[1]), birth: match[2]!, token: match[3]!, place: match[4]! };
}

/** Of processes elsewhere, and of those whose birth is not known, nobody can tell: they count as alive. */
export function isAlive({ pid, birth, place }: Owner): boolean {
  if (place !== ownPlace) return true;
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
