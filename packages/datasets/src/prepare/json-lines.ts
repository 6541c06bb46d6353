/** JSON objects, one a line, from text that comes in pieces. */

import { DataError } from "../errors.ts";
import { parseJson } from "../json.ts";

/** Longer lines are refused before they are parsed. */
const longestLine = 2 ** 20;

export interface JsonLine {
  /** Counted from 1, blank ones too. */
  readonly line: number;
  readonly value: object;
}

/** @throws DataError for a line that is no object, and for one without end. */
export async function* parseJsonLines(pieces: AsyncIterable<string> | Iterable<string>): AsyncGenerator<JsonLine> {
  let line = 0;
  for await (const content of lines(pieces)) {
    line += 1;
    if (content.trim() === "") continue;
    const value = parseJson(line === 1 ? content.replace(/^\ufeff/, "") : content);
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      const fix = content.trimStart().startsWith("[") ? "Write the objects of the list one a line." : undefined;
      throw refuse(`line ${line} that is no JSON object`, "an object with path and label in each line", fix);
    }
    yield { line, value };
  }
}

async function* lines(pieces: AsyncIterable<string> | Iterable<string>): AsyncGenerator<string> {
  let rest = "";
  for await (const piece of pieces) {
    const parts = (rest + piece).split("\n");
    rest = parts.pop()!;
    if (rest.length > longestLine) throw refuse(`a line of more than ${longestLine} characters`, "shorter ones");
    yield* parts;
  }
  yield rest;
}

function refuse(received: string, expected: string, fix?: string): DataError {
  const fields = { operation: "parseJsonLines", received, expected };
  return new DataError(fix === undefined ? fields : { ...fields, fix });
}
