/** What a worker runs, as text: it waits for offers of a run, joins, and runs its share of the program that the caller names. */

import { shortSpinBarriers } from "./barrier.ts";
import { states, words } from "./thread-words.ts";

/** Where a word lies in an Int32Array. */
const at = (address: number): number => address / 4;

/**
 * Plain JavaScript for a worker of Node or of a page. Its messages: `{ memory, thread }` first; `{ program, module }` for a
 * program to instantiate; `{ program }` for one to forget. Whatever it cannot do it throws, once it has said in memory that
 * no run may count on it any more.
 */
export const workerSource: string = `
const isNode = typeof process === "object" && process.versions?.node !== undefined;
const port = isNode ? require("node:worker_threads").parentPort : self;
const programs = new Map();
const pause = Atomics.pause ?? (() => {});
let control, memory, thread, state, isRunning = false, hasFailed = false;

const fail = (error) => {
  hasFailed = true;
  if (control !== undefined) {
    Atomics.store(control, ${at(words.known)} + thread, -1);
    Atomics.notify(control, ${at(words.known)} + thread);
    if (isRunning) {
      Atomics.store(control, ${at(words.failed)}, 1);
      Atomics.notify(control, ${at(words.generation)});
    }
  }
  // Not as a promise's rejection, of which a page would not hear.
  queueMicrotask(() => { throw error; });
};

const onMessage = (message) => {
  // A page's worker outlives an error: a later program would tell the caller that it knows those before, too.
  if (hasFailed) return;
  try {
    if (message.memory !== undefined) {
      ({ memory, thread } = message);
      control = new Int32Array(memory.buffer, 0, 128);
      state = ${at(words.state)} + thread;
      loop().catch(fail);
    } else if (message.module !== undefined) {
      const instance = new WebAssembly.Instance(message.module, { engine: { memory, reference() {}, sleep } });
      programs.set(message.program, instance.exports.run);
      Atomics.store(control, ${at(words.known)} + thread, message.program);
      Atomics.notify(control, ${at(words.known)} + thread);
    } else programs.delete(message.program);
  } catch (error) {
    fail(error);
  }
};
if (isNode) port.on("message", onMessage);
else port.onmessage = (event) => onMessage(event.data);

// At a barrier. The number of the thread in a run may differ from the worker's.
const sleep = (number, generation, calls) => {
  const shortSpins = ${at(words.shortSpins)} + number;
  if (calls === 0) control[shortSpins] = control[shortSpins] > 0 ? control[shortSpins] - 1 : ${shortSpinBarriers};
  Atomics.add(control, ${at(words.sleepers)}, 1);
  Atomics.wait(control, ${at(words.generation)}, generation, 100);
  Atomics.sub(control, ${at(words.sleepers)}, 1);
};

// Two milliseconds of spinning bridge the time between steps.
const spinWhile = (value) => {
  const until = performance.now() + 2;
  let now = Atomics.load(control, state);
  while (now === value && performance.now() < until) {
    for (let i = 0; i < 4; i++) pause();
    now = Atomics.load(control, state);
  }
  return now;
};

async function loop() {
  const asleep = ${at(words.asleep)} + thread;
  for (;;) {
    if (spinWhile(${states.idle}) === ${states.idle}) {
      // The event loop has its turn.
      Atomics.store(control, asleep, 1);
      const waiting = Atomics.waitAsync(control, state, ${states.idle});
      if (waiting.async) await waiting.value;
      Atomics.store(control, asleep, 0);
    }
    if (Atomics.compareExchange(control, state, ${states.offered}, ${states.joined}) !== ${states.offered}) continue;
    if (Atomics.load(control, ${at(words.callerSleeps)}) === 1) Atomics.notify(control, state);
    let now = spinWhile(${states.joined});
    while (now === ${states.joined}) {
      Atomics.store(control, asleep, 1);
      Atomics.wait(control, state, ${states.joined}, 100);
      Atomics.store(control, asleep, 0);
      now = Atomics.load(control, state);
    }
    // Dismissed: there is no run, but perhaps another offer.
    if (now <= ${states.offered}) continue;
    Atomics.store(control, state, ${states.idle});
    isRunning = true;
    programs.get(Atomics.load(control, ${at(words.program)}))(now >> 8, now & 255);
    isRunning = false;
  }
}
`;
