/** How much of the machine others have, programs here or guests of the same hypervisor: it shows in every figure. */

import { readFileSync } from "node:fs";
import { cpus } from "node:os";

/**
 * Starts to watch; the function it gives tells how many cores others have used since, on average. Others are all but this
 * process and `child`, a process id. NaN when the work of a child is not to be had: anywhere but on Linux.
 */
export function watchOtherPrograms(child?: number): () => number {
  const startedMs = performance.now();
  const before = othersMs(child);
  return () => Math.max(0, (othersMs(child) - before) / (performance.now() - startedMs));
}

function othersMs(child: number | undefined): number {
  const { user, system } = process.cpuUsage();
  const own = (user + system) / 1000 + (child === undefined ? 0 : workOfMs(child));
  return busyMs() + stolenMs() - own;
}

function busyMs(): number {
  return cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0);
}

/** Linux counts in hundredths of a second for its users, whatever it does inside. */
const TICK_MS = 10;

/** What the hypervisor gave to others while a core here had work. */
function stolenMs(): number {
  if (process.platform !== "linux") return 0;
  const [, , , , , , , , stolen] = readFileSync("/proc/stat", "utf8").split(/\s+/, 9);
  return TICK_MS * Number(stolen);
}

/** Of all threads of a process. */
function workOfMs(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name, in parentheses, may hold spaces.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return TICK_MS * (Number(fields[11]) + Number(fields[12]));
  } catch {
    return Number.NaN;
  }
}
