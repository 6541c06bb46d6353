/**
 * Checks of arguments, for packages that are built on this one: one formatter shows a wrong value and its type, one check
 * finds unknown options, one takes plain arrays for tensors. All throw ArgumentError or one of its subclasses.
 */

export { asTensor, checkIsTensor } from "./as-tensor.ts";
export { checkClassLabel, classLabels } from "./class-labels.ts";
export {
  checkBoolean,
  checkChoice,
  checkFiniteNumber,
  checkInteger,
  checkSeed,
  describe as formatValue,
  type NumberRange,
} from "./errors.ts";
export { checkMembers, checkOptions } from "./options.ts";
