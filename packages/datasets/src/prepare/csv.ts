/** Comma-separated values as RFC 4180 has them, record by record, from text that comes in pieces. */

import { DataError } from "../errors.ts";

/** Longer fields are refused: a quote that is never closed must not take the whole file into memory. */
const longestField = 2 ** 16;
const mostFields = 1024;

export interface CsvRecord {
  /** Line on which it begins, from 1. */
  readonly line: number;
  readonly fields: readonly string[];
}

/** @throws DataError for a quote in the wrong place or never closed, and for fields or records without end. */
export async function* parseCsv(
  pieces: AsyncIterable<string> | Iterable<string>,
  delimiter: string = ",",
): AsyncGenerator<CsvRecord> {
  const state = new CsvState(delimiter);
  for await (const piece of pieces) yield* state.push(piece);
  yield* state.finish();
}

class CsvState {
  readonly #delimiter: string;
  #where: "start" | "plain" | "quoted" | "after" = "start";
  #field = "";
  #fields: string[] = [];
  #line = 1;
  #begin = 1;
  #first = true;
  #skipLineFeed = false;

  constructor(delimiter: string) {
    this.#delimiter = delimiter;
  }

  *push(piece: string): Generator<CsvRecord> {
    for (const character of this.#first ? piece.replace(/^\ufeff/, "") : piece) {
      this.#first = false;
      if (this.#skipLineFeed && character === "\n") {
        this.#skipLineFeed = false;
        continue;
      }
      this.#skipLineFeed = character === "\r" && this.#where !== "quoted";
      const isEnd = character === "\n" || character === "\r";
      if (character === "\n" || this.#skipLineFeed) this.#line += 1;
      if (this.#where === "quoted") {
        if (character === '"') this.#where = "after";
        else this.#add(character);
      } else if (character === '"' && this.#where === "start") this.#where = "quoted";
      else if (character === '"' && this.#where === "after") {
        this.#add('"');
        this.#where = "quoted";
      } else if (character === this.#delimiter) this.#endField();
      else if (isEnd) yield* this.#endRecord();
      else if (this.#where === "after" && separators.has(character)) {
        const received = `${JSON.stringify(character)} after a field in quotes`;
        const expected = `fields separated by ${JSON.stringify(this.#delimiter)}`;
        throw refuse(this.#line, received, expected, separatorFix(character));
      } else if (this.#where === "after" || character === '"') {
        throw refuse(
          this.#line,
          "a quote in the middle of a field",
          'fields in quotes as a whole, with "" for a quote',
        );
      } else {
        this.#where = "plain";
        this.#add(character);
      }
    }
  }

  *finish(): Generator<CsvRecord> {
    if (this.#where === "quoted") throw refuse(this.#begin, "a quote that is never closed", "a closing quote");
    yield* this.#endRecord();
  }

  #add(character: string): void {
    this.#field += character;
    if (this.#field.length > longestField) {
      throw refuse(this.#begin, `a field of more than ${longestField} characters`, "shorter ones");
    }
  }

  #endField(): void {
    this.#fields.push(this.#field);
    this.#field = "";
    this.#where = "start";
    if (this.#fields.length > mostFields) throw refuse(this.#begin, `more than ${mostFields} fields`, "fewer");
  }

  *#endRecord(): Generator<CsvRecord> {
    const isEmpty = this.#fields.length === 0 && this.#where === "start" && this.#field === "";
    if (!isEmpty) {
      this.#endField();
      yield { line: this.#begin, fields: this.#fields };
    }
    this.#fields = [];
    this.#begin = this.#line;
  }
}

const separators: ReadonlySet<string> = new Set([",", ";", "\t", "|"]);

/** What to do with a table whose fields `separator` separates, where its ending says another. */
export function separatorFix(separator: string): string {
  if (separator === "\t") return "Call a table that is separated by tabs .tsv.";
  if (separator === ",") return "Call a table that is separated by commas .csv.";
  return `Save the table with commas instead of ${JSON.stringify(separator)}.`;
}

function refuse(line: number, received: string, expected: string, fix?: string): DataError {
  const fields = { operation: "parseCsv", received: `${received}, line ${line}`, expected };
  return new DataError(fix === undefined ? fields : { ...fields, fix });
}
