/** A table of images: a CSV file with a header, or JSON values one a line, with paths and labels. */

import { createReadStream } from "node:fs";
import { dirname, extname } from "node:path";
import { ArgumentError } from "@nn/tensor";
import { checkOptions } from "@nn/tensor/arguments";
import { openRegular } from "../../node/regular-file.ts";
import { plural } from "../../plural.ts";
import { parseCsv, separatorFix } from "../csv.ts";
import { unsafePath } from "../image-file.ts";
import { parseJsonLines } from "../json-lines.ts";
import type { ImageSource } from "../source.ts";
import { leadsNowhere, whyUnreadable, withPath } from "../system-error.ts";
import { decodeUtf8 } from "../utf8-text.ts";
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
 * The source of the images that `table` (.csv, .tsv, .jsonl or .ndjson) names, in its order. Rows without a label (an
 * empty cell, null) are counted; labels that are numbers, true or false in JSON are the classes of their text; paths that lead out of the folder are refused, and listed.
 * @throws DataError for a table that is none, or has no image with a label.
 */
export async function tableSource(table: string, options: TableOptions = {}): Promise<ImageSource> {
  checkOptions("tableSource", options, { root: true, columns: true, classNames: true });
  const { root = dirname(table), columns = {}, classNames } = options;
  const names = { path: "path", label: "label", split: "split", ...columns };
  const files = new ImageFiles("tableSource", root, classNames);
  const due = [names.path, names.label, ...(columns.split === undefined ? [] : [columns.split])];
  for await (const { line, path, label = "", split = "" } of rows(table, names, due, files)) {
    if (path === undefined) throw files.refuse(`line ${line} of ${table} without ${names.path}`, "a path in each");
    const unsafe = unsafePath(path);
    if (unsafe !== undefined) files.refused.add(path.slice(0, 200), unsafe);
    else if (label.trim() === "") files.unlabelled += 1;
    else files.add(split === "" ? "train" : split, path.replaceAll("\\", "/"), label);
  }
  return files.source("listed");
}

type Columns = Readonly<Record<"path" | "label" | "split", string>>;

interface TableRow extends Partial<Columns> {
  readonly line: number;
}

/** `due` are the columns that a header must have; JSON has none. */
async function* rows(
  table: string,
  names: Columns,
  due: readonly string[],
  files: ImageFiles,
): AsyncGenerator<TableRow> {
  const kind = extname(table).toLowerCase();
  const open = () => decodeUtf8(createReadStream("", { fd: openRegular(table).handle }), "tableSource", table);
  try {
    if (kind === ".csv" || kind === ".tsv") yield* csvRows(open(), kind === ".csv" ? "," : "\t", names, due, files);
    else if (kind === ".jsonl" || kind === ".ndjson") yield* jsonRows(open(), names, table, files);
    else {
      throw new ArgumentError({
        operation: "tableSource",
        received: table,
        expected: "a .csv, .tsv, .jsonl or .ndjson",
      });
    }
  } catch (error) {
    if (!leadsNowhere(error)) throw withPath(error, table);
    throw files.refuse(`${table}, ${whyUnreadable(error)}`, "a table");
  }
}

async function* csvRows(
  text: AsyncIterable<string>,
  delimiter: string,
  names: Columns,
  due: readonly string[],
  files: ImageFiles,
): AsyncGenerator<TableRow> {
  let header: readonly string[] | undefined;
  for await (const { line, fields } of parseCsv(text, delimiter)) {
    if (header === undefined) {
      header = fields;
      checkHeader(fields, due, delimiter, files);
    } else if (fields.length !== header.length) {
      throw files.refuse(`${plural(fields.length, "field")} in line ${line}`, `${header.length}, as in the header`);
    } else yield { line, ...pick(names, (name) => fields[header!.indexOf(name)]) };
  }
}

function checkHeader(fields: readonly string[], due: readonly string[], delimiter: string, files: ImageFiles): void {
  const once = due.every((name) => fields.indexOf(name) >= 0 && fields.indexOf(name) === fields.lastIndexOf(name));
  if (once) return;
  const found = JSON.stringify(fields).slice(0, 200);
  const expected = `${due.join(" and ")}, once each`;
  throw files.refuse(`a header of the columns ${found}`, expected, headerFix(fields, due, delimiter));
}

/** What to do about a first line without the columns that are due. */
function headerFix(fields: readonly string[], due: readonly string[], delimiter: string): string {
  const line = fields.join(delimiter);
  const named = /^sep=(.?)/i.exec(line);
  if (named !== null) {
    const other = named[1] === "" || named[1] === delimiter ? "" : ` ${separatorFix(named[1]!)}`;
    return `Remove the first line, which only spreadsheets understand.${other}`;
  }
  const separated = (separator: string) => line.split(separator).map((field) => field.trim().replace(/^"|"$/g, ""));
  const separator = [",", ";", "\t", "|"].find((other) => {
    return other !== delimiter && due.every((name) => separated(other).includes(name));
  });
  if (separator !== undefined) return separatorFix(separator);
  const trimmed = fields.map((field) => field.trim());
  if (due.every((name) => trimmed.includes(name)) && fields.join() !== trimmed.join()) {
    return "Remove the blanks between the fields of the table.";
  }
  return `Begin the table with the line ${due.join(delimiter)}, or say with columns what its columns are called.`;
}

async function* jsonRows(
  text: AsyncIterable<string>,
  names: Columns,
  table: string,
  files: ImageFiles,
): AsyncGenerator<TableRow> {
  for await (const { line, value } of parseJsonLines(text)) {
    const fields = pick(names, (name) => {
      const cell: unknown = Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
      if (cell === undefined || cell === null || typeof cell === "string") return cell ?? undefined;
      if (name !== names.path && isPlain(cell)) return String(cell);
      const received = `${name} ${(JSON.stringify(cell) ?? "").slice(0, 60)} in line ${line} of ${table}`;
      throw files.refuse(
        received,
        name === names.path ? "a path in quotes" : "text, a whole or decimal number, true or false",
      );
    });
    yield { line, ...fields };
  }
}

/** Whether every other value has another text: JSON's integers beyond 2⁵³ are rounded when they are read. */
const isPlain = (cell: unknown): boolean =>
  typeof cell === "boolean" || (Number.isFinite(cell) && (!Number.isInteger(cell) || Number.isSafeInteger(cell)));

function pick(names: Columns, cellOf: (name: string) => string | undefined): Partial<Columns> {
  const entries = Object.entries(names).map(([key, name]) => [key, cellOf(name)] as const);
  return Object.fromEntries(entries.filter(([, cell]) => cell !== undefined));
}
