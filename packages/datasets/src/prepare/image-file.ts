/** Files from a folder that is not to be trusted: where they may lie, how large they may be, and what they must hold. */

import { closeSync } from "node:fs";
import { extname } from "node:path";
import { DataError } from "../errors.ts";
import { type OpenFile, openInside, readWhole } from "../node/regular-file.ts";
import { leadsNowhere, whyUnreadable, withPath } from "./system-error.ts";

type Format = "png" | "jpeg" | "gif" | "webp" | "tiff" | "avif" | "svg";

const formats: ReadonlyMap<string, Format> = new Map([
  [".png", "png"],
  [".jpg", "jpeg"],
  [".jpeg", "jpeg"],
  [".gif", "gif"],
  [".webp", "webp"],
  [".tif", "tiff"],
  [".tiff", "tiff"],
  [".avif", "avif"],
  [".svg", "svg"],
]);

/** Whether a file's name says that it is an image. */
export const isImageName = (path: string): boolean => formats.has(extname(path).toLowerCase());

/**
 * Why a file is refused by its name; undefined when it is not. An SVG is a program rather than pixels: a few hundred bytes of
 * it can keep a renderer busy for as long as they like, and how it looks depends on the renderer.
 */
export const refusedFormat = (path: string): string | undefined =>
  formats.get(extname(path).toLowerCase()) === "svg" ? "an SVG drawing, which has no pixels" : undefined;

/** Larger files are refused before they are read. */
const largestFile = 2 ** 26;

/**
 * The bytes of the image `path` (relative, with slashes) in `root`, which must be `realpath`'s. Links are followed as long
 * as they end inside the root.
 * @throws DataError when the path leads out of the root, is no file, is too large, or holds something else than it says.
 * @throws Error as the system gives it when the file is there and reading fails.
 */
export function readImageFile(root: string, path: string): Uint8Array {
  const refused = refusedFormat(path);
  if (refused !== undefined) {
    throw refuse(`${path}, ${refused}`, "a picture", "Render it to PNG at the size that the images have.");
  }
  const bytes = readInside(root, path);
  const due = formats.get(extname(path).toLowerCase());
  const found = sniff(bytes);
  if (due === undefined || found !== due) {
    const received = `${path}, which begins like ${found ?? "no image that is known"}`;
    throw refuse(received, due === undefined ? "the name of an image" : `the ${due} that its name says`);
  }
  return bytes;
}

/** Why a path written by others must not be followed; undefined when it may. */
export function unsafePath(path: string): string | undefined {
  if (path === "" || path.includes("\0")) return "no path";
  if (/^[/\\]|^[A-Za-z]:/.test(path)) return "an absolute path";
  if (path.split(/[/\\]/).includes("..")) return "a path that leads upwards";
  return undefined;
}

function readInside(root: string, path: string): Uint8Array {
  const unsafe = unsafePath(path);
  if (unsafe !== undefined) throw refuse(`${path}, ${unsafe}`, "a path inside the folder");
  let file: OpenFile;
  try {
    file = openInside(root, path);
  } catch (error) {
    if (!leadsNowhere(error)) throw withPath(error, path);
    throw refuse(`${path}, ${whyUnreadable(error)}`, "a file inside the folder");
  }
  if (file.size > largestFile) {
    closeSync(file.handle);
    throw refuse(`${path} of ${file.size} bytes`, `at most ${largestFile} bytes`);
  }
  try {
    return readWhole(file, path, largestFile);
  } catch (error) {
    throw withPath(error, path);
  }
}

const text = (bytes: Uint8Array, from: number, to: number) => String.fromCharCode(...bytes.subarray(from, to));

// A comment ends at the first "-->" and nowhere else: with a choice, comments without a picture would be tried for ever.
const svgStart = /^\s*(<\?xml[^>]*>\s*)?(<!--((?!-->)[\s\S])*-->\s*)*(<!DOCTYPE svg[^>]*>\s*)?<svg[\s>]/;

/** The format that the first bytes tell. */
export function sniff(bytes: Uint8Array): Format | undefined {
  const start = text(bytes, 0, 12);
  if (start.startsWith("\x89PNG\r\n\x1a\n")) return "png";
  if (start.startsWith("\xff\xd8\xff")) return "jpeg";
  if (start.startsWith("GIF87a") || start.startsWith("GIF89a")) return "gif";
  if (start.startsWith("RIFF") && start.endsWith("WEBP")) return "webp";
  if (/^(II[*+]\0|MM\0[*+])/.test(start)) return "tiff";
  if (start.slice(4, 8) === "ftyp" && /^(avif|avis|mif1|msf1)$/.test(start.slice(8, 12))) return "avif";
  const head = text(bytes, 0, Math.min(1024, bytes.length)).replace(/^\xef\xbb\xbf/, "");
  if (svgStart.test(head)) return "svg";
  return undefined;
}

function refuse(received: string, expected: string, fix?: string): DataError {
  return new DataError({ operation: "prepare", received, expected, ...(fix === undefined ? {} : { fix }) });
}
