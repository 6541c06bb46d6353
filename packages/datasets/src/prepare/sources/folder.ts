/** A folder per class: `train/7/x.png`, or `7/x.png` where there are no splits. */

import { checkOptions } from "@nn/tensor/arguments";
import { DataError } from "../../errors.ts";
import { isImageName } from "../image-file.ts";
import { Refusals } from "../refusals.ts";
import type { ImageSource } from "../source.ts";
import { ImageFiles } from "./files.ts";
import { walk } from "./walk.ts";

export interface FolderOptions {
  /** All classes, in the order of their labels; default: the folders that hold images, as numbers when all are. */
  readonly classNames?: readonly string[];
  /**
   * Whether the folders of classes lie in folders of splits; without splits everything below a class folder is of the class.
   * Default: false when an image lies directly in a class folder (`7/x.png`), true when all lie deeper and a folder is
   * called as splits are (`train/7/x.png`). Where names and depths disagree it must be said.
   */
  readonly hasSplits?: boolean;
}

/**
 * The source of images in folders named after their class. Rows come in an order that hashes of their paths decide and that
 * spreads every class evenly: `train[:80%]` and `train[80%:]` hold the classes in the same proportions, to a row or two.
 * Names that begin with a dot are passed over.
 * @throws DataError when there is no image with a label, more than 256 classes, or no telling classes from splits.
 * @example folderSource("digits") // digits/train/7/000123.png …
 */
export function folderSource(root: string, options: FolderOptions = {}): ImageSource {
  checkOptions("folderSource", options, { classNames: true, hasSplits: true });
  const files = new ImageFiles("folderSource", root, options.classNames);
  const hasSplits = options.hasSplits ?? findSplits(files.root);
  const parts = hasSplits ? 3 : 2;
  for (const path of walk(files.root, files.refused)) {
    const folders = path.split("/");
    if (!isImageName(path)) files.otherFiles += 1;
    else if (folders.length < parts) files.unlabelled += 1;
    else {
      const [split, className] = hasSplits ? [folders[0]!, folders[1]!] : ["train", folders[0]!];
      files.add(split, path, className);
    }
  }
  return files.source("spread");
}

const splitNames: ReadonlySet<string> = new Set([
  "train",
  "training",
  "validation",
  "valid",
  "val",
  "dev",
  "test",
  "testing",
]);

/**
 * Whether the folders of the root are splits. torchvision's `ImageFolder` would take them for classes always.
 * @throws DataError where some of their names or depths say one thing and some another.
 */
function findSplits(root: string): boolean {
  const tops = new Set<string>();
  let shallow: string | undefined;
  let deep: string | undefined;
  for (const path of walk(root, new Refusals())) {
    const depth = path.split("/", 3).length;
    if (depth === 1 || !isImageName(path)) continue;
    tops.add(path.slice(0, path.indexOf("/")));
    if (depth === 2) shallow ??= path;
    else deep ??= path;
  }
  if (deep === undefined) return false;
  const named = [...tops].filter((top) => splitNames.has(top.toLowerCase())).length;
  if (named === tops.size || (shallow === undefined && named > 0)) return true;
  if (shallow !== undefined && named === 0) return false;
  const other = shallow === undefined ? "" : ` beside ${shallow}`;
  throw new DataError({
    operation: "folderSource",
    received: `${deep}${other}, of which the first folder may be a class or a split`,
    expected: "images in class/… or in split/class/…",
    fix: "Say which with hasSplits: false or hasSplits: true; on the command line with --no-splits or --splits.",
  });
}
