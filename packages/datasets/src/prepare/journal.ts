/**
 * What a run has done so far, one line a shard, so that a run that was cut off can go on. It only says where to look: what
 * it names is read and summed again before it is believed.
 */

import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomically } from "@nn/arrow/node";
import { isCount, isListOf, isText, parseJson } from "../json.ts";
import { appendFlags, openUnlinked, readText } from "../node/regular-file.ts";
import { type ShardBody, shardName } from "./shard-file.ts";
import type { Refusal } from "./source.ts";
import { ifThere, withPath } from "./system-error.ts";

export const journalFile = "prepare.journal";

/** Larger files are not ours. */
const largestJournal = 2 ** 28;

/** One shard's worth of source rows. */
export interface JournalEntry {
  readonly split: string;
  readonly shard: number;
  /** Absent where every row was left out. */
  readonly body?: ShardBody;
  /** How many images were left out, and the first hundred of them. */
  readonly skipped: number;
  readonly skippedFiles: readonly Refusal[];
  /** The sum over all files read so far. */
  readonly chain: string;
}

export class Journal {
  readonly #path: string;
  readonly #request: string;

  /** `request` is the sum over everything that the result depends on. */
  constructor(folder: string, request: string) {
    this.#path = join(folder, journalFile);
    this.#request = request;
  }

  /** The entries of an earlier run of the same request, up to the first that is not whole; undefined when there is none. */
  read(): JournalEntry[] | undefined {
    const text = ifThere(() => readText(openUnlinked(this.#path), this.#path, largestJournal));
    return parseJournal(text ?? "", this.#request);
  }

  /** Replaces the entries by these; until that is done, the earlier ones stay. */
  async begin(entries: readonly JournalEntry[]): Promise<void> {
    const lines = [this.#request, ...entries.map((entry) => JSON.stringify(entry))];
    await writeFileAtomically(this.#path, `${lines.join("\n")}\n`);
  }

  async append(entry: JournalEntry): Promise<void> {
    try {
      await appendFile(this.#path, `${JSON.stringify(entry)}\n`, { flag: appendFlags });
    } catch (error) {
      throw withPath(error, this.#path);
    }
  }
}

/** The entries in `text`, up to the first that is not whole; undefined when they are of another request. */
export function parseJournal(text: string, request: string): JournalEntry[] | undefined {
  const [first, ...lines] = text.split("\n");
  if (first !== request) return undefined;
  const entries: JournalEntry[] = [];
  for (const line of lines) {
    const entry = parseJson(line);
    if (!isEntry(entry)) break;
    entries.push(entry);
  }
  return entries;
}

function isEntry(value: unknown): value is JournalEntry {
  const { split, shard, body, skipped, skippedFiles, chain } = (value ?? {}) as Partial<JournalEntry>;
  const isRefusal = (entry: unknown): entry is Refusal => {
    const { file, reason } = (entry ?? {}) as Partial<Refusal>;
    return isText(file) && isText(reason);
  };
  return (
    isText(split) &&
    isCount(shard) &&
    isText(chain) &&
    isCount(skipped) &&
    isListOf(isRefusal)(skippedFiles) &&
    isBody(body)
  );
}

function isBody(body: unknown): body is ShardBody | undefined {
  if (body === undefined) return true;
  const { file, rows, bytes, sha256, inputsAt, labelsAt } = (body ?? {}) as Partial<ShardBody>;
  // Names a file of the folder, also in a journal from elsewhere.
  const isName = isText(file) && shardName.test(file);
  return isName && isText(sha256) && [rows, bytes, inputsAt, labelsAt].every(isCount);
}
