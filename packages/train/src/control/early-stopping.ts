/** The end of a run that no longer gets better. */

import type { Variables } from "@nn/model";
import { checkBoolean, checkFiniteNumber, checkInteger, checkOptions } from "@nn/tensor/arguments";
import { type Controller, type ControllerState, isBetter, type Monitor, monitorOf } from "./controller.ts";

export interface EarlyStoppingOptions {
  /** Default `"validation.loss"`. */
  readonly monitor?: Monitor;
  /** Epochs without improvement after which the run ends, at least 1; default 10. */
  readonly patience?: number;
  /** What counts as an improvement: more than this, at least 0; default 0. */
  readonly minDelta?: number;
  /** Whether the run gets the variables of its best epoch; default true. */
  readonly restoreBest?: boolean;
}

/**
 * Ends a run when the monitored number has not improved for `patience` epochs, or is no longer finite; counted as Keras
 * does. The finished run has the variables of its best epoch.
 * @throws ArgumentError when an option is out of range; when training starts, for a monitor that no metric has.
 * @example fit(model, train, { …, validation, control: [earlyStopping({ patience: 5 })] })
 */
export function earlyStopping(options: EarlyStoppingOptions = {}): Controller {
  checkOptions("earlyStopping", options, { monitor: true, patience: true, minDelta: true, restoreBest: true });
  const { monitor = "validation.loss", patience = 10, minDelta = 0, restoreBest = true } = options;
  checkInteger("earlyStopping", "patience", patience, 1);
  checkFiniteNumber("earlyStopping", "minDelta", minDelta, { atLeast: 0 });
  checkBoolean("earlyStopping", "restoreBest", restoreBest);
  return {
    kind: "earlyStopping",
    config: { monitor, patience, minDelta, restoreBest },
    begin(outline) {
      const { direction, of } = monitorOf("earlyStopping", monitor, outline);
      let best: number | undefined;
      let waited = 0;
      let variables: Variables | undefined;
      return {
        observe(event, run) {
          if (event.type !== "epoch") return;
          const value = of(event);
          if (!Number.isFinite(value)) return run.stop(`${monitor} is ${value}`);
          if (best === undefined || isBetter(direction, value, best, minDelta)) {
            best = value;
            waited = 0;
            if (restoreBest) variables = event.variables;
          } else if (++waited >= patience) {
            run.stop(`${monitor} has not improved for ${waited} epoch${waited === 1 ? "" : "s"}`);
          }
        },
        get finalVariables() {
          return variables;
        },
        state: (): ControllerState => ({ json: { best: best ?? null, waited }, ...(variables && { variables }) }),
        restore(state) {
          const json = state.json as { readonly best: number | null; readonly waited: number };
          best = json.best ?? undefined;
          waited = json.waited;
          variables = state.variables;
        },
      };
    },
  };
}
