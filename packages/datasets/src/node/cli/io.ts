/** What a command prints to, so that tests can read it. */

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

/** `1234567` as `1,234,567`. */
export const count = (value: number): string => value.toLocaleString("en-US");

/** Rows of equal length as columns: the first flush left, the others flush right. */
export function columns(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, i) => Math.max(...rows.map((row) => row[i]!.length))) ?? [];
  const line = (row: readonly string[]) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join("  ");
  return `${rows.map((row) => line(row).trimEnd()).join("\n")}\n`;
}
