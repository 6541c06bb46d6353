/** Trains one step on every feed in turn, round by round, and counts. */

import type { ClassesTarget, Dataset } from "@nn/datasets";
import { crossEntropy, dense, flatten, heUniform, relu, rescaling, sequential } from "@nn/model";
import { type Backend, RandomState } from "@nn/tensor";
import { fit, sgd, type TrainingEvent } from "@nn/train";
import { watchOtherPrograms } from "../bench/other-programs.ts";
import type { Feed } from "./feeds.ts";

const BATCH_SIZE = 64;

export interface MeasureOptions {
  readonly rounds: number;
  readonly stepsPerRound: number;
  /** A round does not count, for any feed, when other programs use more cores than this during one; default: all do. */
  readonly quietCores?: number;
  /** Starts to watch other programs; what it gives tells how many cores they have used since. Default: the machine's. */
  readonly watch?: () => () => number;
  readonly backend: Backend;
  progress(done: number, total: number, text: string): void;
}

export interface Rates {
  readonly name: string;
  readonly description: string;
  /** Samples a second in each round that counts, the same rounds for all feeds. */
  readonly rates: readonly number[];
}

interface Runner {
  readonly feed: Feed;
  readonly events: AsyncIterator<TrainingEvent>;
  readonly rates: number[];
  readonly losses: number[];
  close(): void;
}

/**
 * The rates of the recipe's step, as `fit` runs it, on each feed. A round is an epoch that stops after `stepsPerRound`; the
 * first one, in which things are compiled and files opened, does not count. The learning rate is so small that weights stay as
 * they were drawn: a step then costs the same from first to last, whichever batch it sees.
 * @throws Error when a feed leads to other losses than the one that it should be the same as, or no round counts.
 */
export async function measureFeeds(
  feeds: readonly Feed[],
  data: Dataset<readonly [28, 28, 1], ClassesTarget<10>>,
  {
    rounds,
    stepsPerRound,
    quietCores = Number.POSITIVE_INFINITY,
    backend,
    watch = watchOtherPrograms,
    progress,
  }: MeasureOptions,
): Promise<readonly Rates[]> {
  const model = sequential(
    [28, 28, 1],
    rescaling(1 / 255),
    flatten(),
    dense(256, { weightInitializer: heUniform() }),
    relu(),
    dense(10),
  );
  const runners = feeds.map((feed): Runner => {
    const opened = feed.open(data);
    const events = fit.events(model, opened, {
      loss: crossEntropy(),
      optimizer: sgd({ learningRate: 1e-6, momentum: 0.9 }),
      epochs: rounds + 1,
      batchSize: BATCH_SIZE,
      stepsPerEpoch: Math.min(stepsPerRound, Math.ceil(data.size / BATCH_SIZE)),
      seed: 0,
      backend,
    });
    return { feed, events: events[Symbol.asyncIterator](), rates: [], losses: [], close: () => opened.close?.() };
  });
  try {
    for (let round = 0; round <= rounds; round++) {
      const rates: number[] = [];
      let isQuiet = true;
      for (const i of new RandomState(round).permutation(runners.length).data) {
        const runner = runners[i]!;
        progress(round * runners.length, (rounds + 1) * runners.length, `round ${round}, ${runner.feed.name}`);
        const othersCores = watch();
        rates[i] = await trainEpoch(runner);
        if (othersCores() > quietCores) isQuiet = false;
      }
      if (round > 0 && isQuiet) for (const [i, runner] of runners.entries()) runner.rates.push(rates[i]!);
    }
  } finally {
    for (const runner of runners) runner.close();
  }
  for (const { feed, losses } of runners) {
    const other = runners.find(({ feed: { name } }) => name === feed.sameAs);
    if (other !== undefined && other.losses.join() !== losses.join()) {
      throw new Error(`${feed.name} led to other losses than ${other.feed.name}: its batches are not the same`);
    }
  }
  if (runners.some(({ rates }) => rates.length === 0)) throw new Error(`no round of ${rounds} was quiet: take more`);
  return runners.map(({ feed: { name, description }, rates }) => ({ name, description, rates }));
}

/** Samples a second. */
async function trainEpoch({ events, losses }: Runner): Promise<number> {
  let samples = 0;
  for (;;) {
    const { value: event } = await events.next();
    if (event?.type === "step") samples += event.size;
    if (event?.type !== "epoch") continue;
    losses.push(event.train.loss);
    return samples / (event.durationMs / 1000);
  }
}
