/** The steps of pictures as text, and back: a manifest's steps are all that says how its pictures were made. */

import { ArgumentError } from "@nn/tensor";
import type { ImageSize } from "./grey.ts";
import type { ImageOptions } from "./image-transform.ts";

/** The steps as they stand in the fingerprint: all that changes pixels, and nothing else. */
export function formatSteps(options: ImageOptions, { height, width }: ImageSize): string[] {
  const { size, fit = "contain", background = "white", normalize } = options;
  const { invert = normalize === "mnist" ? "auto" : false } = options;
  return [
    `decode@1(background=${background})`,
    "greyscale@1()",
    ...(size !== undefined && normalize === undefined ? [`resize@1(height=${height},width=${width},fit=${fit})`] : []),
    ...(invert === false ? [] : [`invert@1(${invert === "auto" ? "auto" : ""})`]),
    ...(normalize === "mnist" ? ["centreInk@1(box=20,size=28)"] : []),
  ];
}

export interface StepOptions extends ImageOptions {
  /** Whether the pictures were cut from a sheet, which is decoded before anything is done to them. */
  readonly isSprite: boolean;
}

/**
 * The options that give these steps: `formatSteps` turned round. Steps of a source (how IDX files and sheets are laid out)
 * say nothing of one picture.
 * @throws ArgumentError of `operation` for steps that are not those of pictures, or of another version of this package.
 */
export function stepOptions(operation: string, name: string, steps: readonly string[]): StepOptions {
  let found: StepOptions = { isSprite: false };
  for (const step of steps) {
    const options = readStep(step);
    if (options === undefined) {
      throw new ArgumentError({
        operation,
        received: `${name} with the step ${JSON.stringify(step.slice(0, 100))}`,
        expected: "a set of pictures that prepare of this version made",
      });
    }
    found = { ...found, ...options };
  }
  if (steps.length > 0) return found;
  throw new ArgumentError({ operation, received: `${name} without steps`, expected: "a set that prepare made" });
}

function readStep(step: string): Partial<StepOptions> | undefined {
  const background = /^decode@1\(background=(white|black)\)$/.exec(step)?.[1];
  if (background !== undefined) return { background: background as "white" | "black", invert: false };
  const resize = /^resize@1\(height=(\d+),width=(\d+),fit=(contain|cover|fill)\)$/.exec(step);
  if (resize !== null) {
    const [, height, width, fit] = resize;
    return { size: { height: Number(height), width: Number(width) }, fit: fit as "contain" | "cover" | "fill" };
  }
  if (step === "invert@1()") return { invert: true };
  if (step === "invert@1(auto)") return { invert: "auto" };
  if (step === "centreInk@1(box=20,size=28)") return { normalize: "mnist" };
  if (/^sprite@1\(.*\)$/.test(step)) return { isSprite: true };
  return /^(greyscale|transpose|firstLabel)@1\(.*\)$/.test(step) ? {} : undefined;
}
