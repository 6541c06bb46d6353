/** The recipes, in the order of the workshop. */

import type { Recipe } from "../train/recipe.ts";
import { mnistMlp } from "./mnist-mlp.ts";
import { mnistWorkshop } from "./mnist-workshop.ts";
import { moonsFast } from "./moons-fast.ts";
import { moonsWorkshop } from "./moons-workshop.ts";
import { perceptronLoans } from "./perceptron-loans.ts";

export const recipes: readonly Recipe[] = [
  perceptronLoans(),
  moonsWorkshop(),
  moonsFast(),
  mnistWorkshop(),
  mnistMlp(),
];
