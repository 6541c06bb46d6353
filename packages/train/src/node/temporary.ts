/**
 * Names for files and folders that are in the making. A name tells which process makes it, so that what a killed process left
 * is known as such, and nothing of a live one is touched.
 */
import { createHash, randomBytes } from "node:crypto";
import { readdirSync, readFileSync, readlinkSync, rmSync, statSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";

/** A name of this process, used by nobody else: `<name>.<process>-<birth>-<place>-<random>.tmp`. */
export function temporaryName(name: string): string {
  return `${name}.${process.pid}-${birthOf(process.pid)}-${place()}-${randomBytes(4).toString("hex")}.tmp`;
}

const pattern = /^(.+)\.(\d+)-(\d+)-([0-9a-f]{8})-[0-9a-f]{8}\.tmp$/s;

/**
 * Removes from `folder` what has a name of `temporaryName` and whose process is gone: those made for `name`, default all. What
 * cannot be looked at or removed stays.
 */
export function removeLeftovers(folder: string, name?: string): void {
  for (const file of attempt(() => readdirSync(folder)) ?? []) {
    const [, base, pid = "", birth = "", where = ""] = pattern.exec(file) ?? [];
    if (base === undefined || (name !== undefined && base !== name)) continue;
    const path = join(folder, file);
    if (isGone(Number(pid), birth, where, path)) attempt(() => rmSync(path, { recursive: true, force: true }));
  }
}

const DAY_MS = 86_400_000;

function isGone(pid: number, birth: string, where: string, path: string): boolean {
  // Process numbers mean nothing on another machine; but nobody takes a day to write a file.
  if (where !== place()) return (attempt(() => statSync(path).mtimeMs) ?? Date.now()) < Date.now() - DAY_MS;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
  // Numbers of processes come again.
  return birth !== "0" && ![birth, "0"].includes(birthOf(pid));
}

/** When a process began, in ticks since the machine did, where the system has /proc; else "0". One that is dead has none: "". */
function birthOf(pid: number): string {
  const stat = attempt(() => readFileSync(`/proc/${pid}/stat`, "latin1"));
  if (stat === undefined) return "0";
  // After the program's name in brackets, which may hold anything: the state is the first, the beginning the 20th.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields[0] === "Z" || fields[0] === "X" ? "" : (fields[19] ?? "0");
}

/** Where a process number means something: the machine, and on Linux the namespace, of which every container has one. */
function place(): string {
  const namespace = attempt(() => readlinkSync("/proc/self/ns/pid")) ?? "";
  return createHash("sha256").update(`${hostname()} ${namespace}`).digest("hex").slice(0, 8);
}

/** The result; undefined where the system refuses. */
export function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}
