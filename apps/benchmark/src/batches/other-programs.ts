/** How much of the machine programs other than this one use: their work shows in every figure. */

import { cpus } from "node:os";

/** Starts to watch; the function it gives tells how many cores others have used since, on average. */
export function watchOtherPrograms(): () => number {
  const started = performance.now();
  const own = process.cpuUsage();
  const all = busyMs();
  return () => {
    const { user, system } = process.cpuUsage(own);
    return Math.max(0, (busyMs() - all - (user + system) / 1000) / (performance.now() - started));
  };
}

function busyMs(): number {
  return cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0);
}
