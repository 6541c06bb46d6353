/** Another optimiser for each group of parameters. */

import { ArgumentError } from "@nn/tensor";
import { checkMembers } from "@nn/tensor/arguments";
import { matchNames } from "./name-pattern.ts";
import { joinScalars, type Part, scalarsOf } from "./part-scalars.ts";
import type { Optimizer, TensorRecord, TransformState } from "./transform.ts";

/**
 * Each parameter goes to the first pattern that matches its name; `*` stands for any characters. Every parameter needs one.
 * @throws ArgumentError for no patterns and for what is no optimiser; when training starts, for a pattern that no parameter goes to and for a parameter without one.
 * @example groups({ "dense1.*": sgd({ learningRate: 1e-4 }), "*": adam() })
 */
export function groups(byPattern: { readonly [pattern: string]: Optimizer }): Optimizer {
  checkMembers("groups", "byPattern", byPattern, [], "optimizers by pattern");
  const all = Object.entries(byPattern);
  if (all.length === 0) {
    throw new ArgumentError({
      operation: "groups",
      received: "no groups",
      expected: "an optimizer for at least one pattern",
      fix: 'Begin with groups({ "*": adam() }).',
    });
  }
  for (const [pattern, optimizer] of all) {
    const name = `optimizer of ${JSON.stringify(pattern)}`;
    checkMembers("groups", name, optimizer, ["initialize", "update"], "an optimizer such as sgd()");
  }
  const named = all.map(([, optimizer], i): Part => [`group${i}`, optimizer]);
  const split = (names: readonly string[]): string[][] => {
    let left = names;
    const parts = all.map(([pattern]) => {
      const taken = matchNames("groups", pattern, left);
      left = left.filter((name) => !taken.includes(name));
      return taken;
    });
    if (left.length === 0) return parts;
    throw new ArgumentError({
      operation: "groups",
      received: `no pattern for ${left.join(", ")}`,
      expected: "a pattern for every parameter",
      fix: 'End with the pattern "*".',
    });
  };
  const pick = (record: TensorRecord, names: readonly string[]): TensorRecord =>
    Object.fromEntries(names.map((name) => [name, record[name]!]));
  return {
    kind: "groups",
    config: { groups: all.map(([pattern, { kind, config }]) => ({ pattern, kind, config })) },
    initialize(parameters) {
      const parts = split(Object.keys(parameters));
      return Object.fromEntries(
        named.map(([name, optimizer], i) => [name, optimizer.initialize(pick(parameters, parts[i]!))]),
      );
    },
    scalars: (moment) => joinScalars(named, moment),
    update(updates, state, parameters, scalars) {
      const parts = split(Object.keys(parameters));
      const next: { [name: string]: TransformState } = {};
      let [allUpdates, allParameters]: TensorRecord[] = [updates, parameters];
      named.forEach(([name, optimizer], i) => {
        const names = parts[i]!;
        const result = optimizer.update(
          pick(updates, names),
          state[name] as TransformState,
          pick(parameters, names),
          scalarsOf(scalars, name),
        );
        next[name] = result.state;
        allUpdates = { ...allUpdates, ...result.updates };
        allParameters = { ...allParameters, ...result.parameters };
      });
      return { updates: allUpdates!, parameters: allParameters!, state: next };
    },
  };
}
