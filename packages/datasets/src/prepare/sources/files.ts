/** What the sources of image files share: one list of files a split, its classes, and reading from it. */

import { createHash } from "node:crypto";
import { realpathSync, type Stats, statSync } from "node:fs";
import { join } from "node:path";
import { DataError } from "../../errors.ts";
import { plural } from "../../plural.ts";
import { FileList } from "../file-list.ts";
import { readImageFile, refusedFormat } from "../image-file.ts";
import { Refusals } from "../refusals.ts";
import type { ImageItem, ImageSource } from "../source.ts";
import { leadsNowhere } from "../system-error.ts";
import { sortClassNames } from "./class-order.ts";

/** Collects labelled files and makes a source of them. */
export class ImageFiles {
  readonly root: string;
  readonly refused: Refusals = new Refusals();
  unlabelled = 0;
  otherFiles = 0;
  readonly #operation: string;
  readonly #names: string[];
  readonly #numbers: Map<string, number>;
  readonly #isFixed: boolean;
  readonly #splits = new Map<string, FileList>();

  /**
   * `classNames` are all that may occur, in the order of their labels; without them, they are those found, in order.
   * @throws DataError when there is no such folder.
   */
  constructor(operation: string, root: string, classNames: readonly string[] | undefined) {
    this.#operation = operation;
    this.root = realFolder(operation, root);
    this.#names = [...(classNames ?? [])];
    this.#numbers = new Map(this.#names.map((name, label) => [name, label]));
    this.#isFixed = classNames !== undefined;
  }

  /** The number of a class; undefined when the classes are given and it is none of them. */
  label(name: string): number | undefined {
    const known = this.#numbers.get(name);
    if (known !== undefined || this.#isFixed) return known;
    const label = this.#names.push(name) - 1;
    if (label > 255) throw this.refuse("more than 256 classes", "at most 256");
    this.#numbers.set(name, label);
    return label;
  }

  /** A file of a class, or one without a label when that is none of the given ones. SVG drawings are refused. */
  add(split: string, path: string, className: string): void {
    const refused = refusedFormat(path);
    if (refused !== undefined) {
      this.refused.add(path, refused);
      return;
    }
    const label = this.label(className);
    if (label === undefined) {
      this.unlabelled += 1;
      return;
    }
    let list = this.#splits.get(split);
    if (list === undefined) {
      list = new FileList();
      this.#splits.set(split, list);
    }
    list.add(path, label);
  }

  /** `order` is how rows come: as they were added, or with every class spread evenly, as `FileList.order` says. */
  source(order: "listed" | "spread"): ImageSource {
    const names = this.#sortClasses();
    const lists = [...this.#splits].sort(([a], [b]) => splitRank(a) - splitRank(b) || (a < b ? -1 : 1));
    if (lists.length === 0) {
      throw this.refuse(`no image with a label in ${this.root}`, "at least one", this.#hint());
    }
    const orders = new Map(
      lists.map(([split, list]) => {
        return [split, order === "listed" ? Uint32Array.from({ length: list.size }, (_, i) => i) : list.order()];
      }),
    );
    const { root, unlabelled, otherFiles, refused } = this;
    const images = function* (split: string, from: number): Iterable<ImageItem> {
      const list = lists.find(([name]) => name === split)![1];
      for (const index of orders.get(split)!.subarray(from)) {
        const { path, label } = list.at(index);
        yield { id: path, label, read: () => readImageFile(root, path) };
      }
    };
    return {
      kind: "images",
      splits: Object.fromEntries(lists.map(([split, list]) => [split, list.size])),
      files: [],
      steps: [],
      classNames: names,
      leftOut: { unlabelled, otherFiles, refused: refused.count, refusedFiles: refused.list() },
      state: this.#state(lists, orders),
      ...(order === "spread" && { searched: root }),
      images,
    };
  }

  refuse(received: string, expected: string, fix?: string): DataError {
    return new DataError({
      operation: this.#operation,
      received,
      expected,
      ...(fix === undefined || fix === "" ? {} : { fix }),
    });
  }

  #hint(): string {
    const { unlabelled, otherFiles, refused } = this;
    if (unlabelled + otherFiles + refused.count === 0) return "";
    const [first] = refused.list();
    const example = first === undefined ? "" : ` (${first.file}: ${first.reason})`;
    return `Left out: ${unlabelled} without a label, ${plural(otherFiles, "other file")}, ${refused.count} refused${example}.`;
  }

  /** Brings classes that were found, and the labels of all files, into their order. */
  #sortClasses(): readonly string[] {
    if (this.#isFixed) return this.#names;
    const sorted = sortClassNames(this.#names);
    const to = this.#names.map((name) => sorted.indexOf(name));
    for (const list of this.#splits.values()) list.relabel(to);
    return sorted;
  }

  /** A sum over names, labels, sizes and times of change. */
  #state(lists: readonly (readonly [string, FileList])[], orders: ReadonlyMap<string, Uint32Array>): string {
    const hash = createHash("sha256");
    for (const [split, list] of lists) {
      hash.update(`${split}\n`);
      for (const index of orders.get(split)!) {
        const { path, label } = list.at(index);
        const stats = statsOf(join(this.root, path));
        hash.update(`${path}\0${label}\0${stats?.size}\0${stats?.mtimeMs}\n`);
      }
    }
    return hash.digest("hex");
  }
}

const usualSplits = ["train", "validation", "val", "test"];

/** train, validation and test come first, in that order. */
function splitRank(split: string): number {
  const rank = usualSplits.indexOf(split);
  return rank < 0 ? usualSplits.length : rank;
}

/** Undefined where there is no file. */
function statsOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if (!leadsNowhere(error)) throw error;
    return undefined;
  }
}

function realFolder(operation: string, path: string): string {
  if (statsOf(path)?.isDirectory()) return realpathSync(path);
  throw new DataError({ operation, received: path, expected: "a folder that can be read" });
}
