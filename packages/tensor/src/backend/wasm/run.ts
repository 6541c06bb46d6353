/** The function that calls the kernels of a program in order, on every thread, with the barriers between them. */

import type { I32 } from "./assembler/expression.ts";
import type { FunctionBuilder, FunctionReference } from "./assembler/module.ts";
import { i32 } from "./assembler/scalar.ts";
import { conflict, type Ranges } from "./ranges.ts";

/** One kernel: a function (first, end) over independent items. */
export interface Kernel {
  readonly label: string;
  readonly items: number;
  /** About how long all items take on one thread, in nanoseconds. */
  readonly cost: number;
  readonly emit: (f: FunctionBuilder) => void;
  /** Whether a run must stop behind it when it has set the status. */
  readonly mayFail?: boolean;
}

/** A kernel with the memory that it touches. */
export type Step = Kernel & Ranges;

/** A kernel that takes less runs on one thread: two barriers cost about half a microsecond. */
const leastShared = 2_000;

/** Whether all threads take their share of a kernel. */
export function isShared({ items, cost }: Kernel): boolean {
  return items > 1 && cost >= leastShared;
}

/**
 * Emits the body of a function (thread, threads): with the others, or while they are not there yet alone. Threads meet
 * before a kernel that touches what one before it writes, or writes what one before it touches, unless both run on the
 * first thread.
 */
export function emitRun(
  f: FunctionBuilder,
  steps: readonly (Step & { readonly target: FunctionReference })[],
  { barrier, statusAddress }: { readonly barrier: FunctionReference | undefined; readonly statusAddress: number },
): void {
  const [thread, threads] = [f.parameter(0), f.parameter(1)];
  /** Steps that may still be running on another thread. */
  let running: Step[] = [];
  const meet = (): void => {
    if (barrier !== undefined) f.call(barrier, threads.get);
    running = [];
  };
  const alone = (body: () => void): void => (barrier === undefined ? body() : f.if(i32.eqz(thread.get), body));
  for (const step of steps) {
    const shared = barrier !== undefined && isShared(step);
    if (running.some((other) => (shared || isShared(other)) && conflict(step, other))) meet();
    running.push(step);
    if (shared) {
      const next = i32.add(thread.get, i32.const(1));
      f.call(step.target, share(thread.get, step.items, threads.get), share(next, step.items, threads.get));
    } else alone(() => f.call(step.target, i32.const(0), i32.const(step.items)));
    if (step.mayFail) {
      meet();
      f.if(i32.load(i32.const(statusAddress)), () => {
        // The next run clears the status: not before everybody has read it.
        meet();
        f.return();
      });
    }
  }
  meet();
}

/** The first of `items` items that belongs to `thread`. */
function share(thread: I32, items: number, threads: I32): I32 {
  return i32.divU(i32.mul(thread, i32.const(items)), threads);
}
