/** The programs in READMEs: what stands in blocks of TypeScript, with the output that is printed below them. */

import { readFile } from "node:fs/promises";

export interface ReadmeProgram {
  /** `train-2`: the second program of packages/train/README.md. */
  readonly name: string;
  readonly code: string;
  /** Whether it runs: false for a block that is fenced as `ts no-run`, which needs files of its reader. */
  readonly runs: boolean;
  /** The block of text that follows; undefined where none does. */
  readonly output: string | undefined;
}

/** The programs of one README, in order. `name` tells them from those of others. */
export async function readmePrograms(path: string, name: string): Promise<ReadmeProgram[]> {
  const blocks = [...(await readFile(path, "utf8")).matchAll(/^```(\S+)([^\n]*)\n(.*?)^```$/gms)].map(
    ([, language, info, text]) => ({ language, info: info!.trim(), text: text! }),
  );
  return blocks.flatMap(({ language, info, text }, at) => {
    if (language !== "ts") return [];
    const next = blocks[at + 1];
    const number = blocks.slice(0, at + 1).filter((block) => block.language === "ts").length;
    const output = next?.language === "text" ? next.text : undefined;
    return [{ name: `${name}-${number}`, code: text, runs: info !== "no-run", output }];
  });
}
