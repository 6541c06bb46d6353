/** Blocks of a source → rows as they are stored. Images go through sharp, the only place that knows of it. */

import type sharp from "sharp";
import type { ShardLayout } from "../arrow/schema.ts";
import { DataError } from "../errors.ts";
import type { ImageStrip, Source, ValueBlock } from "./source.ts";

export interface Decoded {
  /** The source's steps and those that decoding adds. */
  readonly steps: readonly string[];
  readonly blocks: () => AsyncIterable<ValueBlock>;
}

/** @throws DataError when there are images and sharp is not installed. */
export async function decode(source: Source): Promise<Decoded> {
  if (source.kind === "values") {
    return {
      steps: source.steps,
      blocks: async function* () {
        yield* source.blocks();
      },
    };
  }
  const open = await loadSharp();
  return {
    steps: [...source.steps, "greyscale@1()"],
    blocks: async function* () {
      for await (const strip of source.blocks()) yield await greyscale(open, strip, source.layout);
    },
  };
}

/** (rows, height, width) bytes in, the same out, as sharp gives them back in greyscale. */
async function greyscale(open: typeof sharp, strip: ImageStrip, layout: ShardLayout): Promise<ValueBlock> {
  const [height = 0, width = 0] = layout.inputShape;
  const rows = strip.labels.length;
  const raw = { width, height: height * rows, channels: 1 } as const;
  const { data, info } = await open(strip.pixels, { raw }).greyscale().raw().toBuffer({ resolveWithObject: true });
  if (info.width !== width || info.height !== raw.height || info.channels !== 1) {
    throw new DataError({
      operation: "prepare",
      received: `a picture of ${info.width} × ${info.height} with ${info.channels} channels from sharp`,
      expected: `${width} × ${raw.height} with 1 channel`,
    });
  }
  return { split: strip.split, inputs: data, labels: strip.labels };
}

async function loadSharp(): Promise<typeof sharp> {
  try {
    return (await import("sharp")).default;
  } catch (error) {
    throw new DataError({
      operation: "prepare",
      received: `no sharp (${error instanceof Error ? error.message.split("\n")[0] : error})`,
      expected: "the package sharp, which decodes images",
      fix: "Install it beside @nn/datasets: npm install sharp.",
    });
  }
}
