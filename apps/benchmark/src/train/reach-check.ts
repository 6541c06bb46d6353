/** Whether a run reached what its recipe must reach. */

import type { Reach, RecipeResult } from "./recipe.ts";

/** Each figure outside its bounds, NaN included, in words; none when the run is as it must be. */
export function misses(reaches: Reach, result: Pick<RecipeResult, keyof Reach>): string[] {
  return (Object.keys(reaches) as (keyof Reach)[]).flatMap((figure) => {
    const [least, most] = reaches[figure]!;
    const value = result[figure];
    return value >= least && value <= most ? [] : [`received ${figure} ${value}; expected ${least} to ${most}`];
  });
}
