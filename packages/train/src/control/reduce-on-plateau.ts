/** A learning rate that falls when a run no longer gets better. */

import { checkFiniteNumber, checkInteger, checkOptions } from "@nn/tensor/arguments";
import { type Controller, isBetter, type Monitor, monitorOf } from "./controller.ts";

export interface ReduceOnPlateauOptions {
  /** Default `"validation.loss"`. */
  readonly monitor?: Monitor;
  /** What the rate is multiplied by, 0 < factor < 1; default 0.1. */
  readonly factor?: number;
  /** Epochs without improvement after which the rate falls, at least 1; default 10. */
  readonly patience?: number;
  /** What counts as an improvement: more than this, at least 0; default 1e-4. */
  readonly minDelta?: number;
  /** Epochs after a fall in which none are counted, at least 0; default 0. */
  readonly cooldown?: number;
  /** The least that the rate is multiplied by in all, 0 … 1; default 0. */
  readonly minScale?: number;
}

/**
 * Multiplies the learning rate of all optimisers by `factor` when the monitored number has not improved for `patience`
 * epochs, counted as Keras's ReduceLROnPlateau does.
 * @throws ArgumentError when an option is out of range; when training starts, for a monitor that no metric has.
 * @example fit(model, train, { …, validation, control: [reduceOnPlateau({ factor: 0.5, patience: 3 })] })
 */
export function reduceOnPlateau(options: ReduceOnPlateauOptions = {}): Controller {
  const operation = "reduceOnPlateau";
  checkOptions(operation, options, {
    monitor: true,
    factor: true,
    patience: true,
    minDelta: true,
    cooldown: true,
    minScale: true,
  });
  const {
    monitor = "validation.loss",
    factor = 0.1,
    patience = 10,
    minDelta = 1e-4,
    cooldown = 0,
    minScale = 0,
  } = options;
  checkInteger(operation, "patience", patience, 1);
  checkInteger(operation, "cooldown", cooldown, 0);
  checkFiniteNumber(operation, "factor", factor, { above: 0, below: 1 });
  checkFiniteNumber(operation, "minDelta", minDelta, { atLeast: 0 });
  checkFiniteNumber(operation, "minScale", minScale, { atLeast: 0, atMost: 1 });
  return {
    kind: "reduceOnPlateau",
    config: { monitor, factor, patience, minDelta, cooldown, minScale },
    begin(outline) {
      const { direction, of } = monitorOf(operation, monitor, outline);
      let best: number | undefined;
      let waited = 0;
      let cooling = 0;
      let scale = 1;
      return {
        observe(event) {
          if (event.type !== "epoch") return;
          const value = of(event);
          if (cooling > 0) {
            cooling--;
            waited = 0;
          }
          // The first value may be NaN, which nothing would be better than.
          if (Number.isFinite(value) && (best === undefined || isBetter(direction, value, best, minDelta))) {
            best = value;
            waited = 0;
          } else if (cooling === 0 && ++waited >= patience) {
            scale = Math.max(scale * factor, minScale);
            cooling = cooldown;
            waited = 0;
          }
        },
        get learningRateScale() {
          return scale;
        },
        state: () => ({ json: { best: best ?? null, waited, cooling, scale } }),
        restore({ json }) {
          const state = json as { readonly best: number | null; waited: number; cooling: number; scale: number };
          best = state.best ?? undefined;
          ({ waited, cooling, scale } = state);
        },
      };
    },
  };
}
