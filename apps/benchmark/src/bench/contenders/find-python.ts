/** The Python that NN_PYTHON names, else `python3`, and which libraries it has. */

import { spawnSync } from "node:child_process";
import type { Absence } from "../contender-spec.ts";

export interface Python {
  readonly program: string;
  readonly libraries: readonly string[];
}

const probe = `
import importlib.util, json
print(json.dumps([name for name in ("numpy", "torch") if importlib.util.find_spec(name)]))
`;

let found: Python | Absence | undefined;

/** Looks once. PyTorch without NumPy does not count: its results come through NumPy. */
export function findPython(): Python | Absence {
  found ??= look(process.env.NN_PYTHON || "python3");
  return found;
}

export function look(program: string): Python | Absence {
  const { status, stdout } = spawnSync(program, ["-c", probe], { encoding: "utf8", timeout: 60_000 });
  const [, list] = /^(\[.*\])$/m.exec(status === 0 ? stdout : "") ?? [];
  if (list === undefined) return { absent: `no Python at "${program}"; NN_PYTHON may name one` };
  const libraries = JSON.parse(list) as string[];
  return { program, libraries: libraries.includes("numpy") ? libraries : [] };
}
