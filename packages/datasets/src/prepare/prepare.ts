/**
 * Source → decoded rows → Arrow shards → manifest. Shards are written under temporary names; the manifest comes last, so
 * that a run that was killed leaves nothing that looks whole. A journal lets the next run go on where it ended. The same
 * source and options give the same bytes, in one run or in many.
 */

import { createHash, randomUUID } from "node:crypto";
import { ArgumentError, sizeOf } from "@nn/tensor";
import { checkOptions } from "@nn/tensor/arguments";
import { type InputData, inputArrays } from "../columns.ts";
import { Fingerprint } from "../fingerprint.ts";
import { type Manifest, manifestFormat, type PrepareReport } from "../manifest.ts";
import { type Decoded, decode } from "./decode.ts";
import { DuplicateCounter } from "./duplicates.ts";
import {
  clear,
  findPrepared,
  hasLeftovers,
  markPrepared,
  openFolder,
  removeLeftovers,
  removeManifest,
  removeShards,
  writeManifest,
} from "./folder.ts";
import { Journal, type JournalEntry } from "./journal.ts";
import { findOther, lockFolder } from "./lock.ts";
import { checkShardSize, checkSource, classNamesOf, optionNames, type PrepareOptions } from "./prepare-options.ts";
import { mostListed } from "./refusals.ts";
import type { Refusal, Source } from "./source.ts";
import { SplitWriter } from "./split-writer.ts";
import { isFromSystem } from "./system-error.ts";

/**
 * Writes the dataset into `out` and returns its manifest. When `out` holds it already, or a part of it, what is there is
 * summed again and kept.
 * @throws DataError when the source gives other rows than it announced, labels out of range or values that are not finite,
 * and, with `onError: "fail"`, for the first image that cannot be used.
 * @throws ArgumentError for options out of range, for a folder that cannot be used, and while another prepares into it.
 * @throws Error as the system gives it when a disk is full or a file cannot be read now: what is done is kept, and the next
 * run goes on.
 */
export async function prepare(source: Source, options: PrepareOptions): Promise<Manifest> {
  checkOptions("prepare", options, optionNames);
  checkSource(source, options);
  const classNames = classNamesOf(source, options);
  const decoded = await decode(source, options);
  const shardSize = checkShardSize(decoded, options);
  const request = requestOf(source, decoded, { ...options, classNames, shardSize });
  const folder = await openFolder(options.out, source.kind === "images" ? source.searched : undefined);
  const prepared = await findPrepared(folder, request);
  if (prepared !== undefined) {
    await tidy(folder);
    return prepared;
  }
  const unlock = await lockFolder(folder);
  try {
    // The process that held the lock may have done the same work.
    const found = await findPrepared(folder, request);
    if (found !== undefined) {
      await removeLeftovers(folder);
      return found;
    }
    const run = new Run(source, decoded, folder, new Journal(folder, request), { ...options, classNames, shardSize });
    const manifest = await run.finish();
    await writeManifest(folder, manifest);
    await markPrepared(folder, request);
    return manifest;
  } catch (error) {
    // What the data are to blame for would come again; after a full disk or a lost connection the next run goes on.
    if (!isFromSystem(error)) await clear(folder);
    throw error;
  } finally {
    await unlock();
  }
}

/** Removes what killed runs left beside a finished result, unless another run is at work there or nothing may be written. */
async function tidy(folder: string): Promise<void> {
  try {
    if ((await findOther(folder)) !== undefined || !(await hasLeftovers(folder))) return;
    const unlock = await lockFolder(folder);
    try {
      await removeLeftovers(folder);
    } finally {
      await unlock();
    }
  } catch (error) {
    if (!(error instanceof ArgumentError || isFromSystem(error))) throw error;
  }
}

interface RunOptions extends PrepareOptions {
  readonly classNames: readonly string[];
  readonly shardSize: number;
}

class Run {
  readonly #source: Source;
  readonly #decoded: Decoded;
  readonly #folder: string;
  readonly #journal: Journal;
  readonly #options: RunOptions;
  readonly #duplicates = new DuplicateCounter();
  readonly #skipped: Refusal[] = [];
  /** SHA-256 over the sums of all files so far: cₙ = SHA-256(cₙ₋₁ ‖ sum). */
  #chain: Uint8Array = new Uint8Array(32);
  #skippedCount = 0;

  constructor(source: Source, decoded: Decoded, folder: string, journal: Journal, options: RunOptions) {
    this.#source = source;
    this.#decoded = decoded;
    this.#folder = folder;
    this.#journal = journal;
    this.#options = options;
  }

  async finish(): Promise<Manifest> {
    const { name, version, about = {}, classNames } = this.#options;
    const { layout, steps } = this.#decoded;
    const header = { dtype: layout.dtype, inputShape: layout.inputShape, steps };
    const whole = new Fingerprint(header, () => createHash("sha256"));
    const writers = this.#writers(header, whole);
    await this.#restore(writers);
    for (const [split, writer] of writers) await this.#write(split, writer, writers);
    for (const writer of writers.values()) writer.finish();
    const files = this.#files();
    const splits = Object.fromEntries([...writers].map(([split, writer]) => [split, writer.rows]));
    const facts = { name, version, inputShape: layout.inputShape, classNames, source: files, steps, splits };
    const entries: [string, Manifest["splits"][string]][] = [];
    for (const [split, writer] of writers) entries.push([split, await writer.seal(facts)]);
    return {
      format: manifestFormat,
      name,
      version,
      about,
      source: files,
      steps,
      ...layout,
      classNames,
      rows: entries.reduce((sum, [, entry]) => sum + entry.rows, 0),
      fingerprint: whole.finish(),
      splits: Object.fromEntries(entries),
      report: this.#report(),
    };
  }

  #writers(header: ConstructorParameters<typeof Fingerprint>[0], whole: Fingerprint): Map<string, SplitWriter> {
    const { shardSize, classNames } = this.#options;
    const { layout } = this.#decoded;
    const { splits } = this.#source;
    const capacity = Math.min(shardSize, Math.max(...Object.values(splits)));
    const inputs = new inputArrays[layout.dtype](capacity * sizeOf(layout.inputShape)) as InputData;
    const labels = new Uint8Array(capacity);
    return new Map(
      Object.entries(splits).map(([split, sourceRows]) => {
        const writer = new SplitWriter({
          folder: this.#folder,
          split,
          sourceRows,
          shardSize,
          layout,
          classCount: classNames.length,
          inputs,
          labels,
          fingerprints: [new Fingerprint(header, () => createHash("sha256")), whole],
          duplicates: this.#duplicates,
          onShard: async (shard, body, skipped, skippedFiles) => {
            const chain = Buffer.from(this.#chain).toString("hex");
            await this.#journal.append({ split, shard, ...(body && { body }), skipped, skippedFiles, chain });
          },
        });
        return [split, writer];
      }),
    );
  }

  /** Takes over what an earlier run of the same request left, as far as its files are what they were. */
  async #restore(writers: ReadonlyMap<string, SplitWriter>): Promise<void> {
    const entries = this.#journal.read();
    // Whenever this ends early, the folder has a journal of ours, and no manifest over shards that are changed now.
    if (entries === undefined) await this.#journal.begin([]);
    await removeManifest(this.#folder);
    const restored: JournalEntry[] = [];
    const names = [...writers.keys()];
    for (const entry of entries ?? []) {
      const { split, shard, body, skipped, skippedFiles, chain } = entry;
      const due = names.find((name) => writers.get(name)!.next < this.#source.splits[name]!);
      const writer = writers.get(split);
      if (due !== split || writer === undefined || shard !== writer.next / this.#options.shardSize) break;
      if (!(await writer.restore(body))) break;
      this.#skip(skipped, skippedFiles);
      this.#chain = Buffer.from(chain, "hex");
      restored.push(entry);
    }
    await removeShards(this.#folder, new Set(restored.flatMap(({ body }) => (body === undefined ? [] : [body.file]))));
    await this.#journal.begin(restored);
  }

  async #write(split: string, writer: SplitWriter, writers: ReadonlyMap<string, SplitWriter>): Promise<void> {
    const { onProgress, shardSize } = this.#options;
    const totalRows = Object.values(this.#source.splits).reduce((sum, count) => sum + count, 0);
    if (writer.next === this.#source.splits[split]) return;
    for await (const block of this.#decoded.blocks(split, writer.next, shardSize)) {
      for (const sum of block.sums) this.#chain = createHash("sha256").update(this.#chain).update(sum).digest();
      this.#skip(block.skipped.length, block.skipped);
      await writer.add(block);
      const rows = [...writers.values()].reduce((sum, { next }) => sum + next, 0);
      onProgress?.({ split, rows, totalRows, skipped: this.#skippedCount });
    }
  }

  #skip(count: number, files: readonly Refusal[]): void {
    this.#skippedCount += count;
    this.#skipped.push(...files.slice(0, mostListed - this.#skipped.length));
  }

  #files(): Manifest["source"] {
    if (this.#source.kind !== "images") return this.#source.files;
    const count = Object.values(this.#source.splits).reduce((sum, rows) => sum + rows, 0);
    const sha256 = Buffer.from(this.#chain).toString("hex");
    return [{ file: `${count} image files`, sha256, verified: false }];
  }

  #report(): PrepareReport {
    const { unlabelled = 0, otherFiles = 0, refused = 0, refusedFiles = [] } = this.#source.leftOut ?? {};
    return {
      duplicates: this.#duplicates.duplicates,
      conflictingLabels: this.#duplicates.conflictingLabels,
      unlabelled,
      otherFiles,
      skipped: this.#skippedCount + refused,
      skippedFiles: [...refusedFiles, ...this.#skipped].slice(0, mostListed),
    };
  }
}

/** The sum over everything that the result depends on; of a source that does not say what it holds, equal to no other. */
function requestOf(source: Source, { layout, steps }: Decoded, options: RunOptions): string {
  const { files, splits, leftOut, state = files.length === 0 ? randomUUID() : undefined } = source;
  const { name, version, about, classNames, shardSize, onError, limitInputPixels } = options;
  const inputs = { files, splits, state, leftOut, layout, steps };
  const wishes = { name, version, about, classNames, shardSize, onError, limitInputPixels };
  const text = JSON.stringify({ format: manifestFormat, ...inputs, ...wishes });
  return createHash("sha256").update(text).digest("hex");
}
