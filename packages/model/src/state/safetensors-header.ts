/**
 * The header of a safetensors file, as text and as entries. It is JSON of one fixed form, and is read as that form and
 * nothing else: a general parser would keep the last of two entries of one name and build whatever a crafted file nests.
 */

import { ArgumentError, bytesPerElement, type DType, type Tensor } from "@nn/tensor";
import type { NamedTensors } from "./safetensors.ts";

/** One tensor's entry: offsets in bytes from the end of the header. */
export interface HeaderEntry {
  readonly name: string;
  readonly dtype: DType;
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

/** In the order in which a file holds them: widest first, so that each tensor is aligned. */
const codeOf: { readonly [D in DType]: string } = { float64: "F64", float32: "F32", int32: "I32", uint8: "U8" };
const dtypeOrder = Object.keys(codeOf);
const dtypeOfCode = new Map(Object.entries(codeOf).map(([dtype, code]) => [code, dtype as DType]));

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
  reader.object((name) => {
    if (name === metadataName) reader.object((key) => metadata.set(key, reader.string()));
    else entries.push(readEntry(reader, name));
  });
  reader.end();
  return { entries, metadata };
}

function readEntry(reader: Reader, name: string): HeaderEntry {
  let dtype: DType | undefined;
  let shape: number[] | undefined;
  let offsets: number[] | undefined;
  reader.object((key) => {
    if (key === "dtype") {
      const code = reader.string();
      dtype = dtypeOfCode.get(code) ?? refuse(`dtype ${show(code)} of ${show(name)}`, "F64, F32, I32 or U8");
    } else if (key === "shape") shape = reader.counts(mostAxes);
    else if (key === "data_offsets") offsets = reader.counts(2);
    else refuse(`the key ${show(key)} in ${show(name)}`, "dtype, shape and data_offsets");
  });
  const [begin, end] = offsets ?? [];
  if (dtype === undefined || shape === undefined || begin === undefined || end === undefined) {
    refuse(`an incomplete entry for ${show(name)}`, "dtype, shape and two data_offsets");
  }
  return { name, dtype, shape, begin, end };
}

/**
 * Throws unless the entries, laid end to end, fill exactly `length` bytes, each with as many as its shape and dtype need.
 */
export function checkLayout(entries: readonly HeaderEntry[], length: number): void {
  const order = [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end);
  let position = 0;
  for (const { name, dtype, shape, begin, end } of order) {
    if (begin !== position || end < begin || end > length) {
      refuse(
        `values of ${show(name)} from byte ${begin} to ${end} of ${length}`,
        `them to begin at ${position}, where the ones before end, and to stay inside`,
      );
    }
    // Sizes of at least 1 first: a product that once passed the file's length must not come back through a 0.
    const bytes = shape.includes(0) ? 0 : shape.reduce((product, size) => product * size, bytesPerElement[dtype]);
    if (bytes !== end - begin) {
      refuse(`${end - begin} bytes for ${show(name)} of shape [${shape.join(", ")}] in ${dtype}`, `${bytes}`);
    }
    position = end;
  }
  if (position !== length) refuse(`${length} bytes of values`, `${position}, as the header says`);
}

/** Text from a file as an error shows it: quoted and cut. */
function show(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}

/** Reads the few kinds of JSON values that a header has, from left to right. */
class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** `{"name": …, …}`: calls `value` after each name to read what follows. A name may come once. */
  object(value: (name: string) => void): void {
    const names = new Set<string>();
    this.#expect("{");
    if (this.#take("}")) return;
    do {
      const name = this.string();
      if (names.has(name)) refuse(`the name ${show(name)} twice`, "each name once");
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
      const digits = this.#match(/(?:0|[1-9][0-9]{0,15})(?![0-9.eE])/y) ?? this.#fail("an integer of at least 0");
      const count = Number(digits);
      if (!Number.isSafeInteger(count) || counts.push(count) > most) this.#fail(`at most ${most} safe integers`);
    } while (this.#take(","));
    this.#expect("]");
    return counts;
  }

  string(): string {
    if (!this.#take('"')) this.#fail("a string");
    // JSON.parse knows the escapes; here only the closing quote is found. A pattern with a choice in it overflows the stack
    // on a string of some megabytes.
    let end = this.#at;
    while (end < this.#text.length && this.#text[end] !== '"') end += this.#text[end] === "\\" ? 2 : 1;
    if (end >= this.#text.length) this.#fail("a string");
    try {
      const text: string = JSON.parse(this.#text.slice(this.#at - 1, end + 1));
      this.#at = end + 1;
      return text;
    } catch {
      return this.#fail("a string of valid JSON");
    }
  }

  end(): void {
    if (this.#match(/$/y) === undefined) this.#fail("the end of the header");
  }

  #take(mark: string): boolean {
    this.#match(/[ \t\n\r]*/y);
    if (this.#text[this.#at] !== mark) return false;
    this.#at++;
    return true;
  }

  #expect(mark: string): void {
    if (!this.#take(mark)) this.#fail(mark);
  }

  /** What `pattern` (sticky) matches here, after white space; the reader moves past it. */
  #match(pattern: RegExp): string | undefined {
    const space = /[ \t\n\r]*/y;
    space.lastIndex = this.#at;
    pattern.lastIndex = this.#at + (space.exec(this.#text)?.[0].length ?? 0);
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at = pattern.lastIndex;
    return found;
  }

  #fail(expected: string): never {
    const found = this.#text.slice(this.#at, this.#at + 20);
    return refuse(
      `${found === "" ? "the end" : JSON.stringify(found)} at character ${this.#at} of the header`,
      expected,
    );
  }
}
