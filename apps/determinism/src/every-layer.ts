/** One layer of each kind that @nn/model has: the compiler refuses the list when one is missing. */

import type * as models from "@nn/model";
import { dense, dropout, flatten, type Layer, relu, rescaling, sigmoid, softmax, tanh } from "@nn/model";

/** The names of what in `Module` makes a layer. */
type FactoryOf<Module> = {
  [Name in keyof Module]: Module[Name] extends (...args: never[]) => Layer ? Name : never;
}[keyof Module];

/** What makes a layer of something given, and is no kind of its own. */
type General = "defineLayer" | "layerFromConfig" | "model";

/** Trained by the program `composed`, which any later layer joins: the hash of `small` stays. */
type Composed = "batchNorm" | "leakyRelu";

/** In an order that takes images; each may follow a dense layer. */
export const everyLayer: { readonly [Name in Exclude<FactoryOf<typeof models>, General | Composed>]: Layer } = {
  flatten: flatten(),
  dense: dense(130),
  tanh: tanh(),
  rescaling: rescaling(1.7, 0.1),
  dropout: dropout(0.3),
  sigmoid: sigmoid(),
  relu: relu(),
  softmax: softmax(),
};
