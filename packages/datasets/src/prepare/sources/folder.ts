/** A folder per class: `train/7/x.png`, or `7/x.png` where there are no splits. */

import { checkOptions } from "@nn/tensor/arguments";
import { isImageName } from "../image-file.ts";
import { Refusals } from "../refusals.ts";
import type { ImageSource } from "../source.ts";
import { ImageFiles } from "./files.ts";
import { walk } from "./walk.ts";

export interface FolderOptions {
  /** All classes, in the order of their labels; default: the folders that hold images, as numbers when all are. */
  readonly classNames?: readonly string[];
  /** Whether the folders of classes lie in folders of splits; default: whether any class folder holds folders. */
  readonly hasSplits?: boolean;
}

/**
 * The source of images in folders named after their class. Rows come in the order of their names, not of their classes.
 * Names that begin with a dot are passed over.
 * @throws DataError when there is no image with a label, or more than 256 classes.
 * @example folderSource("digits") // digits/train/7/000123.png …
 */
export function folderSource(root: string, options: FolderOptions = {}): ImageSource {
  checkOptions("folderSource", options, { classNames: true, hasSplits: true });
  const files = new ImageFiles("folderSource", root, options.classNames);
  const hasSplits = options.hasSplits ?? isDeep(files.root);
  const parts = hasSplits ? 3 : 2;
  for (const path of walk(files.root, files.refused)) {
    const folders = path.split("/");
    if (!isImageName(path)) files.otherFiles += 1;
    else if (folders.length < parts) files.unlabelled += 1;
    else {
      const [split, className] = hasSplits ? [folders[0]!, folders[1]!] : ["train", folders[0]!];
      const from = hasSplits ? split.length + 1 : 0;
      files.add(split, path, className, { from, to: from + className.length + 1 });
    }
  }
  return files.source("by name");
}

/** Whether any image lies two folders down. */
function isDeep(root: string): boolean {
  for (const path of walk(root, new Refusals())) if (isImageName(path) && path.split("/").length > 2) return true;
  return false;
}
