/** The label in the name of the file: `7_000123.png`. */

import { ArgumentError } from "@nn/tensor";
import { checkOptions, formatValue } from "@nn/tensor/arguments";
import { isImageName } from "../image-file.ts";
import type { ImageSource } from "../source.ts";
import { ImageFiles } from "./files.ts";
import { walk } from "./walk.ts";

export interface FileNameOptions {
  /**
   * How a path in the folder is made: `{label}` and `{split}` stand for what they say, `*` for anything without a slash,
   * everything else for itself. Default `"{label}_*"`. Or a regular expression over the path with a group named `label`,
   * and one named `split` where there are splits.
   */
  readonly pattern?: string | RegExp;
  /** All classes, in the order of their labels; default: those found, as numbers when all are. */
  readonly classNames?: readonly string[];
}

/**
 * The source of images whose paths tell their class; files that do not fit the pattern count as unlabelled. Rows come in
 * the order of what the label leaves of their names.
 * @throws DataError when no image fits. @throws ArgumentError for a pattern without a label.
 * @example fileNameSource("digits", { pattern: "{split}/{label}_*.png" })
 */
export function fileNameSource(root: string, options: FileNameOptions = {}): ImageSource {
  checkOptions("fileNameSource", options, { pattern: true, classNames: true });
  const { pattern = "{label}_*", classNames } = options;
  const expression = compilePattern(pattern);
  const files = new ImageFiles("fileNameSource", root, classNames);
  for (const path of walk(files.root, files.refused)) {
    if (!isImageName(path)) {
      files.otherFiles += 1;
      continue;
    }
    const match = expression.exec(path);
    const className = match?.groups?.label;
    if (match === null || className === undefined || className === "") files.unlabelled += 1;
    else {
      const [from, to] = match.indices!.groups!.label!;
      files.add(match.groups!.split ?? "train", path, className, { from, to });
    }
  }
  return files.source("by name");
}

function compilePattern(pattern: string | RegExp): RegExp {
  if (pattern instanceof RegExp) {
    if (pattern.source.includes("(?<label>"))
      return new RegExp(pattern.source, `${pattern.flags.replace(/[dgy]/g, "")}d`);
  } else if (
    typeof pattern === "string" &&
    pattern.split("{label}").length === 2 &&
    pattern.split("{split}").length <= 2
  ) {
    const parts = pattern.split(/(\{label\}|\{split\}|\*)/).map((part) => meanings[part] ?? escapeText(part));
    return new RegExp(`^${parts.join("")}$`, "d");
  }
  throw new ArgumentError({
    operation: "fileNameSource",
    received: `pattern ${pattern instanceof RegExp ? String(pattern) : formatValue(pattern)}`,
    expected: 'one {label}, and at most one {split}, such as "{label}_*.png"',
  });
}

const meanings: Readonly<Record<string, string>> = {
  "{label}": "(?<label>[^/]+?)",
  "{split}": "(?<split>[^/]+?)",
  "*": "[^/]*",
};

const escapeText = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
