/** The choice of the number of threads, from times that the test makes up. */

import { expect, test } from "vitest";
import { ThreadGovernor } from "./thread-governor.ts";

/** Milliseconds of a run on so many threads. */
type Machine = (threads: number) => number;

const idle: Machine = (threads) => 1 / threads;
/** What three or four threads on two processors do in a page, whose main thread may not sleep. */
const spinning: Machine = (threads) => (threads > 2 ? 33 : 1 / threads);
const busy: Machine = (threads) => (threads === 1 ? 2 : 40);

/** Runs for about `ms`, and gives the milliseconds that runs of each number of threads took, by that number. */
function runFor(governor: ThreadGovernor, machine: Machine, ms: number): number[] {
  const spent: number[] = [0, 0, 0, 0, 0];
  for (let at = 0; at < ms; ) {
    const { threads } = governor;
    const time = machine(threads);
    if (governor.isTimed()) governor.record(time);
    spent[threads]! += time;
    at += time;
  }
  return spent;
}

test("it begins with all threads and keeps them where they help", () => {
  const governor = new ThreadGovernor(4, 1);
  expect(governor.threads).toBe(4);
  const [, one, two, , four] = runFor(governor, idle, 20_000);
  expect(one).toBe(0);
  expect(two! / four!).toBeLessThan(0.01);
  expect(governor.threads).toBe(4);
});

test("a run that is much too long makes it try fewer at once", () => {
  const governor = new ThreadGovernor(2, 1);
  const [, one, two] = runFor(governor, busy, 2_000);
  expect(governor.threads).toBe(1);
  expect(one).toBeGreaterThan(1_800);
  expect(two).toBeLessThan(200);
});

test("it finds the number in the middle", () => {
  const governor = new ThreadGovernor(4, 1);
  const spent = runFor(governor, spinning, 20_000);
  expect(governor.threads).toBe(2);
  expect(spent[2]).toBeGreaterThan(0.9 * 20_000);
});

test("load that comes is noticed, and load that goes", () => {
  const governor = new ThreadGovernor(2, 1);
  runFor(governor, idle, 5_000);
  expect(governor.threads).toBe(2);
  expect(runFor(governor, busy, 2_000)[2]).toBeLessThan(300);
  expect(governor.threads).toBe(1);
  runFor(governor, idle, 10_000);
  expect(governor.threads).toBe(2);
});

test("threads that are a little slower are given up too", () => {
  const governor = new ThreadGovernor(2, 1);
  const slower: Machine = (threads) => (threads === 1 ? 1 : 1.3);
  const [, one] = runFor(governor, slower, 10_000);
  expect(governor.threads).toBe(1);
  expect(one).toBeGreaterThan(0.95 * 10_000);
});

test("an expectation that is far too low costs one comparison", () => {
  const governor = new ThreadGovernor(2, 0.01);
  const slow: Machine = (threads) => 200 / threads;
  const [, one] = runFor(governor, slow, 20_000);
  expect(governor.threads).toBe(2);
  expect(one).toBeLessThan(2_000);
});

test("of short runs it times one in eight", () => {
  const governor = new ThreadGovernor(2, 0.01);
  const short: Machine = (threads) => 0.02 / threads;
  runFor(governor, short, 50);
  let timed = 0;
  for (let i = 0; i < 800; i++) {
    if (!governor.isTimed()) continue;
    timed++;
    governor.record(short(governor.threads));
  }
  expect(timed).toBeLessThan(200);
});

test("one thread is always one", () => {
  const governor = new ThreadGovernor(1, 1);
  expect(runFor(governor, idle, 100)).toEqual([0, 100, 0, 0, 0]);
});
