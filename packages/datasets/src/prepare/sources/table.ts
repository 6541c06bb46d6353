/** A table of images: a CSV file with a header, or JSON values one a line, with paths and labels. */

import { createReadStream } from "node:fs";
import { dirname, extname } from "node:path";
import { ArgumentError } from "@nn/tensor";
import { checkOptions } from "@nn/tensor/arguments";
import { parseCsv } from "../csv.ts";
import { unsafePath } from "../image-file.ts";
import { parseJsonLines } from "../json-lines.ts";
import type { ImageSource } from "../source.ts";
import { leadsNowhere, withPath } from "../system-error.ts";
import { ImageFiles } from "./files.ts";

export interface TableOptions {
  /** The folder that paths start from; default: that of the table. */
  readonly root?: string;
  /** The columns; default `path`, `label` and `split`, the last of which may be absent: all rows are `"train"` then. */
  readonly columns?: { readonly path?: string; readonly label?: string; readonly split?: string };
  /** All classes, in the order of their labels; default: those found, as numbers when all are. */
  readonly classNames?: readonly string[];
}

/**
 * The source of the images that `table` (.csv, .tsv, .jsonl or .ndjson) names, in its order. Rows without a label are
 * counted; paths that lead out of the folder are refused, and listed.
 * @throws DataError for a table that is none, or has no image with a label.
 */
export async function tableSource(table: string, options: TableOptions = {}): Promise<ImageSource> {
  checkOptions("tableSource", options, { root: true, columns: true, classNames: true });
  const { root = dirname(table), columns = {}, classNames } = options;
  const names = { path: "path", label: "label", split: "split", ...columns };
  const files = new ImageFiles("tableSource", root, classNames);
  const due = [names.path, names.label, ...(columns.split === undefined ? [] : [columns.split])];
  for await (const { line, value } of rows(table, due, files)) {
    const [path, label, split] = [value[names.path], value[names.label], value[names.split]];
    if (path === undefined) throw files.refuse(`line ${line} of ${table} without ${names.path}`, "a path in each");
    const unsafe = unsafePath(path);
    if (unsafe !== undefined) files.refused.add(path.slice(0, 200), unsafe);
    else if (label === undefined || label === "") files.unlabelled += 1;
    else files.add(split === undefined || split === "" ? "train" : split, path.replaceAll("\\", "/"), label);
  }
  return files.source("listed");
}

interface TableRow {
  readonly line: number;
  readonly value: Readonly<Record<string, string>>;
}

/** `due` are the columns that a header must have; JSON has none. */
async function* rows(table: string, due: readonly string[], files: ImageFiles): AsyncGenerator<TableRow> {
  const kind = extname(table).toLowerCase();
  const open = () => createReadStream(table, { encoding: "utf8" });
  try {
    if (kind === ".csv" || kind === ".tsv") yield* csvRows(open(), kind === ".csv" ? "," : "\t", due, files);
    else if (kind === ".jsonl" || kind === ".ndjson") yield* jsonRows(open());
    else {
      throw new ArgumentError({
        operation: "tableSource",
        received: table,
        expected: "a .csv, .tsv, .jsonl or .ndjson",
      });
    }
  } catch (error) {
    if (!leadsNowhere(error)) throw withPath(error, table);
    throw files.refuse(`${table}, which cannot be read (${error.code})`, "a table");
  }
}

async function* csvRows(
  text: AsyncIterable<string>,
  delimiter: string,
  due: readonly string[],
  files: ImageFiles,
): AsyncGenerator<TableRow> {
  let header: readonly string[] | undefined;
  for await (const { line, fields } of parseCsv(text, delimiter)) {
    if (header === undefined) header = checkHeader(fields, due, files);
    else if (fields.length !== header.length) {
      throw files.refuse(`${fields.length} fields in line ${line}`, `${header.length}, as in the header`);
    } else yield { line, value: record(header.map((name, i) => [name, fields[i]!])) };
  }
}

function checkHeader(fields: readonly string[], due: readonly string[], files: ImageFiles): readonly string[] {
  const once = due.every((name) => fields.indexOf(name) >= 0 && fields.indexOf(name) === fields.lastIndexOf(name));
  if (once) return fields;
  const found = JSON.stringify(fields).slice(0, 200);
  throw files.refuse(`a header of the columns ${found}`, `${due.join(" and ")}, once each, in a table in UTF-8`);
}

async function* jsonRows(text: AsyncIterable<string>): AsyncGenerator<TableRow> {
  for await (const { line, value } of parseJsonLines(text)) {
    const cells = Object.entries(value).filter(([, cell]) => typeof cell === "string" || Number.isInteger(cell));
    yield { line, value: record(cells.map(([name, cell]) => [name, String(cell)])) };
  }
}

// Without a prototype: a column may be called anything.
const record = (entries: readonly (readonly [string, string])[]): Record<string, string> =>
  Object.assign(Object.create(null), Object.fromEntries(entries));
