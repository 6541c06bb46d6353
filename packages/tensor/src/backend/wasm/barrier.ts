/**
 * The barrier at which the threads of a run meet: a module's function spins for a while, then calls the function `sleep` of
 * its thread's host. WebAssembly's own wait would make an object on the JavaScript heap for its timeout, each time.
 */

import type { I32 } from "./assembler/expression.ts";
import type { FunctionBuilder, FunctionReference } from "./assembler/module.ts";
import { atomic, drop, i32, select } from "./assembler/scalar.ts";
import { words } from "./thread-words.ts";

/**
 * Turns of a barrier's loop before a thread sleeps. It must wait longer than another takes to wake up, some 60 µs: were it
 * asleep itself when the other comes, the two would wake each other at every barrier from then on. A fence makes a turn take
 * 10 to 20 ns on any processor, where a loop of loads alone takes a quarter of one or a whole one.
 */
const spins = 5_000;

/**
 * Turns of the loop at the barriers that follow one at which the thread called `sleep`. Where there are more threads than
 * processors, a spinning thread may hold the processor that the thread it waits for needs.
 */
const spinsWhenOversubscribed = 250;

/** At how many barriers a thread uses `spinsWhenOversubscribed` after it called `sleep`. */
export const shortSpinBarriers = 16;

/**
 * Emits the body of a barrier (thread, threads). A thread that has taken all its turns calls `sleep` (thread, generation,
 * calls at this barrier before) again and again until the others are there. A single thread passes.
 */
export function emitBarrier(f: FunctionBuilder, sleep: FunctionReference): void {
  const [arrived, generation, sleepers] = [
    i32.const(words.arrived),
    i32.const(words.generation),
    i32.const(words.sleepers),
  ];
  const [thread, threads] = [f.parameter(0), f.parameter(1)];
  f.if(i32.eq(threads.get, i32.const(1)), () => f.return());
  const before = f.let(atomic.load(generation));
  f.if(
    i32.eq(atomic.add(arrived, i32.const(1)), i32.sub(threads.get, i32.const(1))),
    () => {
      f.add(atomic.store(arrived, i32.const(0)), drop(atomic.add(generation, i32.const(1))));
      f.if(atomic.load(sleepers), () => f.add(drop(atomic.notify(generation))));
    },
    () => emitWait(f, thread.get, before.get, sleep),
  );
}

/** Waits until the generation is no longer `before`. */
function emitWait(f: FunctionBuilder, thread: I32, before: I32, sleep: FunctionReference): void {
  const shortSpins = i32.load(i32.add(i32.const(words.shortSpins), i32.shl(thread, i32.const(2))));
  const most = f.let(select(i32.const(spinsWhenOversubscribed), i32.const(spins), shortSpins));
  const turns = f.let(i32.const(0));
  const calls = f.let(i32.const(0));
  f.while(i32.eq(atomic.load(i32.const(words.generation)), before), () => {
    f.add(atomic.fence, turns.set(i32.add(turns.get, i32.const(1))));
    f.if(i32.gtU(turns.get, most.get), () => {
      f.call(sleep, thread, before, calls.get);
      f.add(calls.set(i32.add(calls.get, i32.const(1))));
    });
  });
}
