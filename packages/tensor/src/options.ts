/**
 * The check of an options object: JavaScript callers misspell names, and an unknown option that is ignored trains another
 * model than the one that was asked for.
 */

import { ArgumentError, describe, isCall } from "./errors.ts";

/**
 * Throws unless `options` is an object whose own names are all among `known`. The compiler holds `known` to the options'
 * type: none may be missing, none may be left over.
 * @throws ArgumentError that names the unknown option, all known ones and the nearest of them.
 * @example checkOptions("sgd", options, { learningRate: true, momentum: true, nesterov: true });
 */
export function checkOptions<O extends object>(
  operation: string,
  options: O,
  known: { readonly [Name in keyof NoInfer<O>]-?: true },
): void {
  const names = Object.keys(known);
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    const [first] = names;
    throw new ArgumentError({
      operation,
      received: `options ${describe(options)}`,
      expected: `an object with ${listOf(names)}`,
      ...(options !== undefined &&
        typeof options !== "object" &&
        first !== undefined && { fix: `Name the option: { ${first}: … }.` }),
    });
  }
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(known, name));
  if (unknown === undefined) return;
  const nearest = nearestName(unknown, names);
  throw new ArgumentError({
    operation,
    received: `the unknown option ${describe(unknown).replace(" of type string", "")}`,
    expected: listOf(names),
    ...(nearest !== undefined && { fix: `Did you mean ${nearest}?` }),
  });
}

/**
 * Throws unless `value` is an object with all `members`: a model, a loss, an optimiser. `expected` says how one is made.
 * @example checkMembers("fit", "loss", loss, ["check", "apply"], "a loss such as crossEntropy()");
 */
export function checkMembers(
  operation: string,
  name: string,
  value: unknown,
  members: readonly string[],
  expected: string,
): void {
  // A layer is a function too, with members of its own.
  const own = typeof value === "function" ? Object.hasOwn : (object: object, member: string) => member in object;
  const isHolder = (typeof value === "object" && value !== null) || (typeof value === "function" && members.length > 0);
  if (isHolder && members.every((member) => own(value as object, member))) return;
  throw new ArgumentError({
    operation,
    received: `${name} ${describe(value)}`,
    expected,
    ...(typeof value === "function" && value.name !== "" && !isCall(value) && { fix: `Call it: ${value.name}().` }),
  });
}

function listOf(names: readonly string[]): string {
  if (names.length < 2) return names.length === 0 ? "no options" : `the option ${names[0]}`;
  return `the options ${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

/** What NumPy, scikit-learn, Keras and PyTorch call an option, without case and signs. */
const otherNames: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    randomstate: ["seed"],
    rng: ["seed"],
    eta: ["learningRate"],
    alpha: ["learningRate"],
    criterion: ["loss"],
    objective: ["loss"],
    nsplits: ["folds"],
    k: ["folds"],
    clusterstd: ["standardDeviation"],
    std: ["standardDeviation"],
    sigma: ["standardDeviation"],
    nepochs: ["epochs", "maxEpochs"],
    maxiter: ["epochs", "maxEpochs", "iterations"],
    dim: ["axis", "inputDim"],
    numclasses: ["classCount"],
    targetnames: ["classNames"],
    target: ["labels"],
    y: ["labels"],
    x: ["inputs"],
    data: ["inputs"],
  }),
);

/** The one of `names` that `given` most likely stands for: another spelling, another library's name, an abbreviation. */
export function nearestName(given: string, names: readonly string[]): string | undefined {
  const bare = bareName(given);
  const other = otherNames.get(bare)?.find((name) => names.includes(name));
  if (other !== undefined) return other;
  const costs = names.map((name) => [costOf(given, bare, name), name] as const);
  costs.sort(([a], [b]) => a - b);
  const [best] = costs;
  return best !== undefined && best[0] < Number.POSITIVE_INFINITY ? best[1] : undefined;
}

const bareName = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, "");

const wordsOf = (name: string): string[] =>
  name
    .split(/[^A-Za-z0-9]+|(?<=[a-z0-9])(?=[A-Z])/)
    .map((word) => word.toLowerCase())
    .filter((word) => word !== "");

/** How far `given` is from `name`; infinite where they have nothing in common. */
function costOf(given: string, bare: string, name: string): number {
  const bareKnown = bareName(name);
  const distance = editDistance(bare, bareKnown);
  if (distance <= Math.max(1, Math.floor(Math.min(bare.length, bareKnown.length) / 3))) return distance;
  // `validationData` for validation, `num_epoch` for epochs.
  if (wordsOf(given).some((word) => word.length >= 3 && editDistance(word, bareKnown) <= 1)) return 10 + distance;
  // `val` for validation, `size` for testSize, `reduce` for reduction, `lr` for learningRate.
  if (bare.length >= 3 && (bareKnown.startsWith(bare.slice(0, 4)) || wordsOf(name).includes(bare)))
    return 20 + distance;
  const initials = wordsOf(name).map((word) => word[0]);
  if (bare.length >= 2 && initials.join("") === bare) return 30;
  return Number.POSITIVE_INFINITY;
}

/** How many letters are changed, inserted, left out or exchanged with their neighbour from `a` to `b`. */
function editDistance(a: string, b: string): number {
  // distances[i][j] is that of the first i letters of a and the first j of b.
  const distances = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1];
      let least = Math.min(distances[i - 1]![j]! + 1, row[j - 1]! + 1, distances[i - 1]![j - 1]! + (isSame ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        least = Math.min(least, distances[i - 2]![j - 2]! + 1);
      }
      row.push(least);
    }
    distances.push(row);
  }
  return distances[a.length]![b.length]!;
}
