/** The error of a run whose numbers left the finite ones. */

import type { Tensors } from "@nn/model";
import { ArgumentError, Tensor } from "@nn/tensor";

/** Where in a run a number left the finite ones. */
export interface DivergedAt {
  /** What was computing: `"fit"` (the default), `"fit: validation"`, `"evaluate"`. */
  readonly operation?: string;
  /** Steps done, from 1; absent outside of training. */
  readonly step?: number;
  /** The epoch, from 1; absent outside of training. */
  readonly epoch?: number;
  readonly received: string;
  /** What to change; default: the learning rate and very large inputs. */
  readonly fix?: string;
}

/** A loss or a parameter that became NaN or infinite. What happened until then has been reported. */
export class DivergedError extends ArgumentError {
  /** The step that failed, from 1; undefined outside of training. */
  readonly step: number | undefined;
  /** Its epoch, from 1; undefined outside of training. */
  readonly epoch: number | undefined;

  constructor({ operation = "fit", step, epoch, received, fix }: DivergedAt) {
    super({
      operation,
      received: step === undefined ? received : `${received} at step ${step}, in epoch ${epoch}`,
      expected: "finite numbers",
      fix: fix ?? "Lower the learning rate, and look for very large inputs.",
    });
    this.step = step;
    this.epoch = epoch;
  }
}

/**
 * The fix where a batch itself holds NaN or an infinity; nothing where its inputs and targets are finite. `row` is that of
 * its first row.
 */
export function fixForBatch(
  batch: { readonly inputs: Tensors; readonly targets: Tensor },
  row: number,
): { readonly fix?: string } {
  const inputs = batch.inputs instanceof Tensor ? [batch.inputs] : Object.values(batch.inputs);
  for (const [noun, tensor] of [
    ...inputs.map((each) => ["inputs", each] as const),
    ["targets", batch.targets] as const,
  ]) {
    const at = tensor.data.findIndex((value) => !Number.isFinite(value));
    if (at < 0) continue;
    const inBatch = Math.floor((at * tensor.shape[0]!) / tensor.size);
    return {
      fix: `Row ${row + inBatch} of the ${noun} holds ${tensor.data[at]}: leave such rows out or fill the gaps.`,
    };
  }
  return {};
}
