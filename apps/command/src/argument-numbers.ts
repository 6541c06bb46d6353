/** Numbers on a command line, for commander's `option`. */

import { InvalidArgumentError } from "commander";

/** Reads digits only: no sign, no exponent, no space. */
export function integerFrom(least: number, most: number = Number.MAX_SAFE_INTEGER): (text: string) => number {
  const limit = most === Number.MAX_SAFE_INTEGER ? `from ${least}` : `from ${least} to ${most}`;
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`Expected a whole number ${limit}.`);
  };
}

export function numberAbove(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d*\.?\d+$/.test(text) && value > least) return value;
    throw new InvalidArgumentError(`Expected a number above ${least}.`);
  };
}
