/** Which process a file belongs to, written in the file's name: what a killed process left is told from what a live one uses. */

import { createHash, randomBytes } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { attempt } from "./attempt.ts";

/** A process, and one thing that it does. */
export interface Owner {
  readonly pid: number;
  /** When the process began, in ticks since the machine did; "0" where the system does not tell. Numbers of processes recur. */
  readonly birth: string;
  /** Random: eight hexadecimal digits. */
  readonly token: string;
  /** Where the number means this process: the machine, and on Linux the namespace, of which every container has its own. */
  readonly place: string;
}

/** Where this process runs: the beginning of the machine's name, and a hash of the whole name and the namespace. */
export const ownPlace: string = placeOf(hostname(), attempt(() => readlinkSync("/proc/self/ns/pid")) ?? "");

function placeOf(host: string, namespace: string): string {
  const hash = createHash("sha256").update(`${host} ${namespace}`).digest("hex").slice(0, 8);
  return `${host.slice(0, 24).replace(/[^A-Za-z0-9]/g, "-")}-${hash}`;
}

/** This process, with a token that no other owner has. */
export function newOwner(): Owner {
  return { pid: process.pid, birth: birthOf(process.pid), token: randomBytes(4).toString("hex"), place: ownPlace };
}

/** The owner as a part of a file's name, of the characters `A-Z a-z 0-9 -`. */
export const formatOwner = ({ pid, birth, token, place }: Owner): string => `${pid}-${birth}-${token}-${place}`;

/** The owner that `formatOwner` wrote; undefined when `text` is something else. */
export function parseOwner(text: string): Owner | undefined {
  const [, pid, birth = "", token = "", place = ""] =
    /^(\d{1,10})-(\d{1,20})-([0-9a-f]{8})-([A-Za-z0-9-]+)$/.exec(text) ?? [];
  return pid === undefined ? undefined : { pid: Number(pid), birth, token, place };
}

/** Whether the process is alive. Of one in another place, or whose birth is not known, nobody can tell: it counts as alive. */
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

/** In ticks since the machine began, where the system has /proc; else "0". Of a process that has ended "gone". */
function birthOf(pid: number): string {
  const stat = attempt(() => readFileSync(`/proc/${pid}/stat`, "latin1"));
  if (stat === undefined) return "0";
  // After the program's name in brackets, which may hold anything: the state is the first field, the birth the 20th.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields[0] === "Z" || fields[0] === "X" ? "gone" : (fields[19] ?? "0");
}
