import { type Command, CommanderError } from "commander";
import { printableLine } from "./printable.ts";
import type { CommandIo } from "./run-command.ts";

/**
 * Reads the command line of a command without subcommands. Gives its options, or the exit code where there is nothing to do:
 * 0 after `--help`, 2 after an error, which is one line with the nearest known option.
 */
export function parseCommand<Options extends object>(
  command: Command,
  { args, out, error }: Pick<CommandIo, "args" | "out" | "error">,
): Options | number {
  const name = command.name();
  command.exitOverride().configureOutput({
    writeOut: out,
    writeErr: error,
    // "error: unknown option '--jsn'\n(Did you mean --json?)\n"
    outputError(text, write) {
      const [, message = text] = /^error: (.*)$/s.exec(text) ?? [];
      write(
        `${name}: ${printableLine(message.trim().replace(/\.$/, "").replaceAll("\n(", " ("))}; see ${name} --help\n`,
      );
    },
  });
  // pnpm hands on the "--" that people put before a script's own options.
  const own = args[0] === "--" ? args.slice(1) : args;
  try {
    command.parse(own, { from: "user" });
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : 2;
    throw thrown;
  }
  const options = command.opts<Options>();
  const isEmpty = (value: unknown): boolean => value === "" || (Array.isArray(value) && value.includes(""));
  const empty = command.options.find((option) => isEmpty(command.getOptionValue(option.attributeName())));
  if (empty === undefined) return options;
  error(`${name}: received ${empty.long} "", which is empty; expected ${empty.flags}; see ${name} --help\n`);
  return 2;
}
