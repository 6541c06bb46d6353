/** The function that calls the kernels of a program in order, on every thread, with the barriers between them. */

import type { I32 } from "./assembler/expression.ts";
import type { FunctionBuilder, FunctionReference } from "./assembler/module.ts";
import { i32 } from "./assembler/scalar.ts";
import { conflict, type Ranges } from "./ranges.ts";
import type { Kernel, Step } from "./steps.ts";

/** A kernel that takes less runs on one thread: two barriers cost about half a microsecond. */
const leastShared = 2_000;

/** Whether a kernel is worth being shared by all threads. */
export function isWorthSharing({ items, cost }: Kernel): boolean {
  return items > 1 && cost >= leastShared;
}

/** What each thread touches in a step. */
type Shares = readonly Ranges[];

function sharesOf({ touches, items }: Step, shared: boolean, threads: number): Shares {
  if (!shared) return [touches(0, items)];
  return Array.from({ length: threads }, (_, thread) =>
    touches(Math.floor((thread * items) / threads), Math.floor(((thread + 1) * items) / threads)),
  );
}

/** Whether a thread writes in one step what another touches in the other. */
function threadsConflict(one: Shares, other: Shares): boolean {
  return one.some((a, i) => other.some((b, j) => i !== j && conflict(a, b)));
}

interface RunOptions {
  /** How many threads there may be. */
  readonly threads: number;
  /** Where they meet; undefined for one thread. */
  readonly barrier: FunctionReference | undefined;
  readonly statusAddress: number;
}

/**
 * Emits the body of a function (thread, threads) for one up to `options.threads` threads. The items of a kernel are always
 * divided into `options.threads` shares; of fewer threads some take several neighbouring shares. Threads meet before a kernel
 * in which the owner of a share touches what that of another wrote since they last met, or writes what it touched: that is
 * enough for fewer threads, where one may own both.
 */
export function emitRun(
  f: FunctionBuilder,
  steps: readonly (Step & { readonly target: FunctionReference })[],
  { threads: count, barrier, statusAddress }: RunOptions,
): void {
  const [thread, threads] = [f.parameter(0), f.parameter(1)];
  const status = { start: statusAddress, end: statusAddress + 4 };
  /** Steps that may still be running on another thread. */
  let running: Shares[] = [];
  const meet = (): void => {
    if (barrier !== undefined) f.call(barrier, thread.get, threads.get);
    running = [];
  };
  const alone = (body: () => void): void => (barrier === undefined ? body() : f.if(i32.eqz(thread.get), body));
  /** Whether all threads take their share of a step; before it they meet where they must. */
  const prepare = (step: Step): boolean => {
    if (barrier === undefined) return false;
    const [apart, together] = [false, true].map((shared) => sharesOf(step, shared, count)) as [Shares, Shares];
    const mustWait = (shares: Shares): boolean => running.some((other) => threadsConflict(shares, other));
    // A small kernel is shared too where its shares need nothing of other threads, and all of it on one thread would.
    const shared = isWorthSharing(step) || (mustWait(apart) && !mustWait(together));
    const shares = shared ? together : apart;
    if (mustWait(shares)) meet();
    running.push(shares);
    return shared;
  };
  // The shares of this thread: from `first` to before `end`.
  const firstShareOf = (of: I32): I32 => i32.divU(i32.mul(of, i32.const(count)), threads.get);
  const [first, end] =
    barrier === undefined
      ? []
      : [f.let(firstShareOf(thread.get)), f.let(firstShareOf(i32.add(thread.get, i32.const(1))))];
  for (const step of steps) {
    if (prepare(step)) f.call(step.target, start(first!.get, step.items, count), start(end!.get, step.items, count));
    else alone(() => f.call(step.target, i32.const(0), i32.const(step.items)));
    if (step.mayFail) {
      meet();
      f.if(i32.load(i32.const(statusAddress)), () => {
        // The next run clears the status: not before everybody has read it.
        meet();
        f.return();
      });
      // Nor may a later step that fails write it before.
      running.push(Array.from({ length: count }, () => ({ reads: [status], writes: [] })));
    }
  }
  meet();
}

/** The first of `items` items that belongs to a share: as `sharesOf` divides them. */
function start(share: I32, items: number, shares: number): I32 {
  return i32.divU(i32.mul(share, i32.const(items)), i32.const(shares));
}
