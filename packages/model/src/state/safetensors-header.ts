/**
 * The header of a safetensors file, as text and as entries. It is JSON of one fixed form, and is read as that form and
 * nothing else: a general parser would keep the last of two entries of one name and build whatever a crafted file nests.
 */

import { ArgumentError, type DType, Tensor } from "@nn/tensor";
import { formatValue } from "@nn/tensor/arguments";
import type { NamedTensors } from "./safetensors.ts";
import { type StoredDType, storedDTypes } from "./safetensors-dtypes.ts";

/** One tensor's entry: offsets in bytes from the end of the header. */
export interface HeaderEntry {
  readonly name: string;
  /** As the file names its dtype. */
  readonly code: string;
  readonly stored: StoredDType;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

export interface Header {
  readonly entries: readonly HeaderEntry[];
  readonly metadata: ReadonlyMap<string, string>;
}

const metadataName = "__metadata__";
/** NumPy's limit. */
const mostAxes = 64;
/** The most tensors, and the most strings of metadata. A header of 100 MB could otherwise name millions that hold nothing. */
const mostEntries = 100_000;

/** In the order in which a file holds them: widest first, so that each tensor is aligned. */
const codeOf: { readonly [D in DType]: string } = { float64: "F64", float32: "F32", int32: "I32", uint8: "U8" };
const dtypeOrder = Object.keys(codeOf);

/** Throws the error of a file that cannot be taken. */
export function refuse(received: string, expected: string): never {
  throw new ArgumentError({
    operation: "loadSafetensors",
    received,
    expected,
    fix: "The file is damaged or no safetensors file.",
  });
}

/** The header's bytes, padded with spaces to a multiple of 8, and the tensors in the order of their values. */
export function formatHeader(
  parameters: NamedTensors,
  metadata: { readonly [name: string]: string },
): { readonly header: Uint8Array; readonly order: readonly Tensor[] } {
  const parts: string[] = [];
  const strings = Object.keys(metadata).sort();
  if (strings.length > 0) {
    const pairs = strings.map((name) => `${quote(name)}:${quote(metadata[name])}`);
    parts.push(`${quote(metadataName)}:{${pairs.join(",")}}`);
  }
  const names = Object.keys(parameters).sort();
  checkCount("tensors", names.length);
  checkCount("strings of metadata", strings.length);
  for (const name of names) checkTensor(name, parameters[name]);
  const placeOf = (name: string): number => dtypeOrder.indexOf(parameters[name]!.dtype);
  names.sort((a, b) => placeOf(a) - placeOf(b)); // stable: by name within a dtype
  let offset = 0;
  for (const name of names) {
    if (name === metadataName) {
      throw new ArgumentError({
        operation: "saveSafetensors",
        received: `the name ${name}`,
        expected: "any other name",
      });
    }
    const { dtype, shape, data } = parameters[name]!;
    const end = offset + data.byteLength;
    parts.push(`${quote(name)}:{"dtype":"${codeOf[dtype]}","shape":[${shape}],"data_offsets":[${offset},${end}]}`);
    offset = end;
  }
  const header = new TextEncoder().encode(`{${parts.join(",")}}`);
  const padded = new Uint8Array(Math.ceil(header.length / 8) * 8).fill(0x20);
  padded.set(header);
  return { header: padded, order: names.map((name) => parameters[name]!) };
}

function checkCount(what: string, count: number): void {
  if (count <= mostEntries) return;
  throw new ArgumentError({
    operation: "saveSafetensors",
    received: `${count} ${what}`,
    expected: `at most ${mostEntries}`,
    fix: "Divide them between several files.",
  });
}

function checkTensor(name: string, value: unknown): void {
  if (value instanceof Tensor) return;
  throw new ArgumentError({
    operation: "saveSafetensors",
    received: `${show(name)}, ${formatValue(value)}`,
    expected: "a tensor for each name",
  });
}

function quote(text: unknown): string {
  if (typeof text === "string" && text.isWellFormed()) return JSON.stringify(text);
  throw new ArgumentError({
    operation: "saveSafetensors",
    received: `${JSON.stringify(text)} of type ${typeof text}`,
    expected: "names and metadata that are well-formed strings",
  });
}

/** The entries and strings of a header. @throws ArgumentError for anything but the format's form of JSON. */
export function parseHeader(bytes: Uint8Array): Header {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    refuse("a header that is not UTF-8", "JSON in UTF-8");
  }
  const reader = new Reader(text);
  const metadata = new Map<string, string>();
  const entries: HeaderEntry[] = [];
  reader.object("tensors", (name) => {
    if (name === metadataName) reader.object("strings of metadata", (key) => metadata.set(key, reader.string()));
    else entries.push(readEntry(reader, name));
  });
  reader.end();
  return { entries, metadata };
}

function readEntry(reader: Reader, name: string): HeaderEntry {
  let code: string | undefined;
  let shape: number[] | undefined;
  let offsets: number[] | undefined;
  reader.object("keys", (key) => {
    if (key === "dtype") code = reader.string();
    else if (key === "shape") shape = reader.counts(mostAxes);
    else if (key === "data_offsets") offsets = reader.counts(2);
    else refuse(`the key ${show(key)} in ${show(name)}`, "dtype, shape and data_offsets");
  });
  const [begin, end] = offsets ?? [];
  if (code === undefined || shape === undefined || begin === undefined || end === undefined) {
    refuse(`an incomplete entry for ${show(name)}`, "dtype, shape and two data_offsets");
  }
  return { name, code, stored: storedDTypes.get(code) ?? refuseDType(name, code), shape, begin, end };
}

/** The file may be sound; there is no place for its values. */
function refuseDType(name: string, code: string): never {
  throw new ArgumentError({
    operation: "loadSafetensors",
    received: `dtype ${show(code)} of ${show(name)}, which is not supported`,
    expected: [...storedDTypes.keys()].join(", "),
    fix: "Convert the tensor in the program that wrote it, for instance to F32.",
  });
}

/**
 * Throws unless the entries, laid end to end, fill exactly `length` bytes, each with as many as its shape and dtype need.
 */
export function checkLayout(entries: readonly HeaderEntry[], length: number): void {
  const order = [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end);
  let position = 0;
  for (const { name, code, stored, shape, begin, end } of order) {
    if (begin !== position || end < begin || end > length) {
      refuse(
        `values of ${show(name)} from byte ${begin} to ${end} of ${length}`,
        `them to begin at ${position}, where the ones before end, and to stay inside`,
      );
    }
    // Sizes of at least 1 first: a product that once passed the file's length must not come back through a 0.
    const bytes = shape.includes(0) ? 0 : shape.reduce((product, size) => product * size, stored.bytes);
    if (bytes !== end - begin) {
      refuse(`${end - begin} bytes for ${show(name)} of shape [${shape.join(", ")}] in ${code}`, `${bytes}`);
    }
    position = end;
  }
  if (position !== length) refuse(`${length} bytes of values`, `${position}, as the header says`);
}

/** Text from a file as an error shows it: quoted and cut. */
export function show(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}

/** Reads the few kinds of JSON values that a header has, from left to right. */
class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** `{"name": …, …}`: calls `value` after each name to read what follows. A name may come once; `what` they are names of. */
  object(what: string, value: (name: string) => void): void {
    const names = new Set<string>();
    this.#expect("{");
    if (this.#take("}")) return;
    do {
      const name = this.string();
      if (names.has(name)) refuse(`the name ${show(name)} twice`, "each name once");
      if (names.size === mostEntries)
        refuse(`a header with more than ${mostEntries} ${what}`, `at most ${mostEntries}`);
      names.add(name);
      this.#expect(":");
      value(name);
    } while (this.#take(","));
    this.#expect("}");
  }

  /** `[1, 2, …]`: at most `most` integers from 0 to 2⁵³ − 1. */
  counts(most: number): number[] {
    const counts: number[] = [];
    this.#expect("[");
    if (this.#take("]")) return counts;
    do {
      const count = this.#count();
      if (!Number.isSafeInteger(count) || counts.push(count) > most) this.#fail(`at most ${most} safe integers`);
    } while (this.#take(","));
    this.#expect("]");
    return counts;
  }

  #count(): number {
    this.#skipSpace();
    const pattern = /(?:0|[1-9][0-9]{0,15})(?![0-9.eE])/y;
    pattern.lastIndex = this.#at;
    const digits = pattern.exec(this.#text)?.[0] ?? this.#fail("an integer of at least 0");
    this.#at += digits.length;
    return Number(digits);
  }

  string(): string {
    if (!this.#take('"')) this.#fail("a string");
    // JSON.parse knows the escapes; here only the closing quote is found. A pattern with a choice in it overflows the stack
    // on a string of some megabytes.
    const text = this.#text;
    let end = this.#at;
    for (let code = text.charCodeAt(end); end < text.length && code !== quoteCode; code = text.charCodeAt(end))
      end += code === backslashCode ? 2 : 1;
    if (end >= text.length) this.#fail("a string");
    try {
      const value: string = JSON.parse(text.slice(this.#at - 1, end + 1));
      this.#at = end + 1;
      return value;
    } catch {
      return this.#fail("a string of valid JSON");
    }
  }

  end(): void {
    this.#skipSpace();
    if (this.#at < this.#text.length) this.#fail("the end of the header");
  }

  #skipSpace(): void {
    while (spaces.has(this.#text.charCodeAt(this.#at))) this.#at++;
  }

  #take(mark: string): boolean {
    this.#skipSpace();
    if (this.#text[this.#at] !== mark) return false;
    this.#at++;
    return true;
  }

  #expect(mark: string): void {
    if (!this.#take(mark)) this.#fail(mark);
  }

  #fail(expected: string): never {
    const found = this.#text.slice(this.#at, this.#at + 20);
    return refuse(
      `${found === "" ? "the end" : JSON.stringify(found)} at character ${this.#at} of the header`,
      expected,
    );
  }
}

const [quoteCode, backslashCode] = [0x22, 0x5c];
/** Tab, line feed, carriage return and space: what JSON allows between its marks. */
const spaces: ReadonlySet<number> = new Set([9, 10, 13, 32]);
