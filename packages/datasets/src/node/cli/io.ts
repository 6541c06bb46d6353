/** What a command prints to, so that tests can read it. */

import { printable, printableLines } from "./printable.ts";

export interface Io {
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
  /** Where a progress bar goes; undefined where nobody watches. */
  readonly terminal: NodeJS.WriteStream | undefined;
  /** Milliseconds, from any beginning. */
  readonly now: () => number;
}

export const processIo: Io = {
  out: (text) => process.stdout.write(text),
  error: (text) => process.stderr.write(text),
  terminal: process.stderr.isTTY ? process.stderr : undefined,
  now: () => performance.now(),
};

/** `io` that prints no control character, whatever it is given. Values that must not break a line pass `printable` before. */
export function safeIo(io: Io): Io {
  return {
    ...io,
    out: (text) => io.out(printableLines(text)),
    error: (text) => io.error(printableLines(text)),
  };
}

/** `1234567` as `1,234,567`. */
export const count = (value: number): string => value.toLocaleString("en-US");

/** Rows of equal length as columns: the first flush left, the others flush right. */
export function columns(rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => row.map(printable));
  const widths = cells[0]?.map((_, i) => cells.reduce((most, row) => Math.max(most, row[i]!.length), 0)) ?? [];
  const line = (row: readonly string[]) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join("  ");
  return `${cells.map((row) => line(row).trimEnd()).join("\n")}\n`;
}
