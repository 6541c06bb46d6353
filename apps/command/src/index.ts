/** What the commands of the apps share. `@nn/command/format` runs in a page too and is an entry of its own. */
export { integerFrom, numberAbove } from "./argument-numbers.ts";
export { reportFailure, UsageError } from "./failure.ts";
export { InterruptedError } from "./interrupted-error.ts";
export { didYouMean } from "./nearest-name.ts";
export { parseCommand } from "./parse-command.ts";
export { printable, printableLine } from "./printable.ts";
export { type CommandIo, runCommand } from "./run-command.ts";
export { checkWritableFolder } from "./writable-folder.ts";
