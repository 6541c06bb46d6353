/** The points that manifest.json describes. */

import { makeMoons } from "@nn/datasets";
import { datasetSource, type Source } from "@nn/datasets/prepare";
import manifest from "./manifest.json" with { type: "json" };

export function openSource(): Source {
  const { samples, noise, seed, shuffle } = manifest.source;
  const steps = [`makeMoons@1(samples=${samples},noise=${noise},seed=${seed},shuffle=${shuffle})`];
  return datasetSource({ train: makeMoons({ samples, noise, seed, shuffle }) }, { column: "point", steps });
}
