/** Contenders in processes of their own, what they took, and a line about it. */

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg } from "node:os";
import sharp from "sharp";

export interface Usage {
  readonly seconds: number;
  /** Of all threads: what tells on a busy machine. Like the next, NaN where it is not known. */
  readonly cpuSeconds: number;
  /** The largest that the process ever was. */
  readonly residentMiB: number;
}

/** What this process took since `start` (ms, of `performance.now`), for `runAlone` to read. */
export function printUsage(start: number): void {
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  const usage: Usage = {
    seconds: (performance.now() - start) / 1000,
    cpuSeconds: (userCPUTime + systemCPUTime) / 1e6,
    residentMiB: (highWater() ?? maxRSS) / 1024,
  };
  process.stdout.write(JSON.stringify(usage));
}

/** In KiB; unlike maxRSS it starts at 0 with the program. */
function highWater(): number | undefined {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))?.[1]);
  } catch {
    return undefined;
  }
}

/** Runs a script with arguments that make it call `printUsage`. */
export function runAlone(script: string, ...args: string[]): Usage {
  const command = ["--conditions=@nn/source", script, ...args];
  return JSON.parse(execFileSync(process.execPath, command, { encoding: "utf8" })) as Usage;
}

/** Runs the contenders in turn, `rounds` times. */
export function interleave<Name extends string>(
  contenders: Readonly<Record<Name, () => Usage>>,
  rounds: number,
): Record<Name, Usage[]> {
  const names = Object.keys(contenders) as Name[];
  const results = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Name, Usage[]>;
  for (let round = 0; round < rounds; round++) for (const name of names) results[name].push(contenders[name]());
  return results;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
}

/** Median and range of the seconds, median of the CPU time, and the largest resident size. */
export function line(name: string, usages: readonly Usage[], images: number): string {
  const seconds = usages.map((usage) => usage.seconds);
  const middle = median(seconds);
  const range = `${Math.min(...seconds).toFixed(2)}–${Math.max(...seconds).toFixed(2)}`;
  const cpu = median(usages.map(({ cpuSeconds }) => cpuSeconds));
  const resident = Math.max(...usages.map(({ residentMiB }) => residentMiB));
  const inside = Number.isNaN(cpu) ? "" : `, ${cpu.toFixed(2)} s of CPU, ${resident.toFixed(0)} MiB`;
  return `${name.padEnd(38)} ${middle.toFixed(2)} s (${range}), ${Math.round(images / middle)} images/s${inside}\n`;
}

export function machine(): string {
  const load = loadavg()[0]!.toFixed(1);
  const versions = `Node ${process.version}, sharp ${sharp.versions.sharp}, libvips ${sharp.versions.vips}`;
  return `${cpus()[0]?.model}, ${availableParallelism()} cores, load ${load}; ${versions}\n`;
}
