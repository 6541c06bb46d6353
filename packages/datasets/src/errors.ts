/** The error for data from outside: files and bytes. Wrong arguments throw `ArgumentError` itself. */

import { ArgumentError } from "@nn/tensor";

/** A file or byte sequence that is not what it should be: missing, cut short, altered or crafted. */
export class DataError extends ArgumentError {}
