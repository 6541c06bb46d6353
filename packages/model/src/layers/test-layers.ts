/** For this package's tests: every layer, a row a layer and way to call it. */

import type { Shape } from "@nn/tensor";
import batchNormGolden from "../../goldens/batch-norm.json" with { type: "json" };
import golden from "../../goldens/values.json" with { type: "json" };
import {
  batchNorm,
  dense,
  dropout,
  flatten,
  type Layer,
  leakyRelu,
  relu,
  rescaling,
  sigmoid,
  softmax,
  tanh,
} from "../index.ts";

/** What the layers should give, by case. */
export const layerGoldens: typeof golden.layers & typeof batchNormGolden.layers = {
  ...golden.layers,
  ...batchNormGolden.layers,
};

export interface LayerRow {
  readonly layer: Layer;
  /** Name of the case in goldens/values.json or batch-norm.json. */
  readonly golden: keyof typeof layerGoldens;
  /** Input shapes (batch axis excluded) with the output's, or the text of what does not fit. */
  readonly shapes: readonly (readonly [Shape, Shape | string])[];
}

export const layerTable: readonly LayerRow[] = [
  {
    layer: dense(5),
    golden: "dense(5)",
    shapes: [
      [[4], [5]],
      [[1], [5]],
      [[], "shape [features]"],
      [[2, 2], "shape [features]"],
    ],
  },
  { layer: dense(5, { bias: false }), golden: "dense(5), no bias", shapes: [[[4], [5]]] },
  {
    layer: sigmoid(),
    golden: "sigmoid()",
    shapes: [
      [
        [2, 3],
        [2, 3],
      ],
      [[], []],
    ],
  },
  {
    layer: tanh(),
    golden: "tanh()",
    shapes: [
      [
        [2, 3],
        [2, 3],
      ],
      [[], []],
    ],
  },
  {
    layer: relu(),
    golden: "relu()",
    shapes: [
      [
        [2, 3],
        [2, 3],
      ],
      [[], []],
    ],
  },
  {
    layer: leakyRelu(),
    golden: "leakyRelu(0.01)",
    shapes: [
      [
        [2, 3],
        [2, 3],
      ],
      [[], []],
    ],
  },
  {
    layer: leakyRelu(0.2),
    golden: "leakyRelu(0.2)",
    shapes: [[[5], [5]]],
  },
  {
    layer: softmax(),
    golden: "softmax()",
    shapes: [
      [[7], [7]],
      [[], "shape [..., classes]"],
    ],
  },
  {
    layer: softmax(),
    golden: "softmax() of images",
    shapes: [
      [
        [3, 2, 2],
        [3, 2, 2],
      ],
    ],
  },
  {
    layer: flatten(),
    golden: "flatten()",
    shapes: [
      [[3, 2, 2], [12]],
      [[7], [7]],
      [[], [1]],
    ],
  },
  {
    layer: rescaling(1 / 255),
    golden: "rescaling(1 / 255)",
    shapes: [
      [
        [2, 3, 1],
        [2, 3, 1],
      ],
    ],
  },
  {
    layer: rescaling(1 / 127.5, -1),
    golden: "rescaling(1 / 127.5, -1)",
    shapes: [
      [
        [2, 3, 1],
        [2, 3, 1],
      ],
    ],
  },
  {
    layer: batchNorm(),
    golden: "batchNorm()",
    shapes: [
      [[4], [4]],
      [
        [3, 2, 4],
        [3, 2, 4],
      ],
      [[], "shape [..., features]"],
    ],
  },
  {
    layer: dropout(0.5),
    golden: "dropout(0.5)",
    shapes: [
      [[4], [4]],
      [
        [2, 2],
        [2, 2],
      ],
    ],
  },
];
