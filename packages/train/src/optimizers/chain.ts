/** Transforms one after another. */

import { ArgumentError } from "@nn/tensor";
import { formatValue } from "@nn/tensor/arguments";
import { joinScalars, type Part, scalarsOf } from "./part-scalars.ts";
import type { Transform, TransformState } from "./transform.ts";

/**
 * `transforms` in order: the first takes the gradients, each of the others the updates of the one before. State and scalars are
 * named by kind and count: `"momentum"`, `"momentum2"`.
 * @throws ArgumentError when an argument is no transform.
 * @example chain(clipByGlobalNorm(1), adamW({ learningRate: 1e-3 }))
 */
export function chain(...transforms: readonly Transform[]): Transform {
  const links = named(transforms);
  return {
    kind: "chain",
    config: { transforms: transforms.map(({ kind, config }) => ({ kind, config })) },
    initialize: (parameters) =>
      Object.fromEntries(links.map(([name, transform]) => [name, transform.initialize(parameters)])),
    scalars: (moment) => joinScalars(links, moment),
    update(updates, state, parameters, scalars) {
      const next: { [name: string]: TransformState } = {};
      let current = { updates, parameters };
      for (const [name, transform] of links) {
        const { state: after, ...changed } = transform.update(
          current.updates,
          state[name] as TransformState,
          current.parameters,
          scalarsOf(scalars, name),
        );
        next[name] = after;
        current = { ...current, ...changed };
      }
      return { ...current, state: next };
    },
  };
}

function named(transforms: readonly Transform[]): readonly Part[] {
  const counts = new Map<string, number>();
  return transforms.map((transform, index) => {
    if (typeof transform?.update !== "function") {
      throw new ArgumentError({
        operation: "chain",
        received: `argument ${index + 1} ${formatValue(transform)}`,
        expected: "a transform such as clipByGlobalNorm(1) or sgd()",
        ...(typeof transform === "function" && { fix: "Call the factory: sgd(), not sgd." }),
        ...(Array.isArray(transform) && { fix: "Spread the array: chain(...transforms)." }),
      });
    }
    const count = (counts.get(transform.kind) ?? 0) + 1;
    counts.set(transform.kind, count);
    return [count === 1 ? transform.kind : `${transform.kind}${count}`, transform];
  });
}
