/** The prepared datasets, opened where their packages keep them. */

import { directory as mnistDirectory } from "@nn/dataset-mnist";
import { directory as moonsDirectory } from "@nn/dataset-moons";
import { expectDataset, mnist } from "@nn/datasets";
import { openDataset } from "@nn/datasets/node";
import type { RecipeData } from "./train/recipe.ts";

/** Opens on demand; each call reads again. @throws DataError when a dataset is not prepared or damaged. */
export function preparedData(): RecipeData {
  return {
    mnist: async (split) => expectDataset(await openDataset(mnistDirectory, { split }), mnist),
    moons: async () =>
      expectDataset(await openDataset(moonsDirectory), { inputShape: [2], target: { kind: "classes", count: 2 } }),
  };
}
