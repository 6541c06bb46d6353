/** A contender at work: its process, asked one thing at a time, and stopped while others are timed. */

import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Launch } from "./contender-spec.ts";
import type { Reply, Request } from "./protocol.ts";

/**
 * What a contender inherits: where programs and libraries are found, and no more. OPENBLAS_CORETYPE, ATEN_CPU_CAPABILITY,
 * NODE_OPTIONS and many others would change how fast some contenders are.
 */
const inherited = [
  ...["PATH", "HOME", "USERPROFILE", "SYSTEMROOT", "TMPDIR", "TEMP", "TMP", "LANG"],
  ...["LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "CONDA_PREFIX"],
];

function inheritedEnvironment(): Record<string, string | undefined> {
  return Object.fromEntries(inherited.filter((name) => name in process.env).map((name) => [name, process.env[name]]));
}

export class ContenderProcess {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #timeoutMs: number;
  #errors = "";
  #waiting: { resolve(line: string): void; reject(why: Error): void } | undefined;
  #ended: Error | undefined;

  constructor({ file, args, env }: Launch, timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
    this.#child = spawn(file, args, { env: { ...inheritedEnvironment(), ...env } });
    this.#child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#errors = (this.#errors + text).slice(-10_000);
    });
    createInterface({ input: this.#child.stdout }).on("line", (line) => {
      // A library may print; replies are objects.
      if (line.startsWith("{")) this.#waiting?.resolve(line);
    });
    this.#child.stdin.on("error", () => undefined);
    this.#child.on("error", (error) => this.#end(error));
    this.#child.on("close", (code, signal) => this.#end(new Error(this.#obituary(signal ?? `code ${code}`))));
  }

  /** The last line of an error is where its message stands in Python, a line with "Error" in JavaScript. */
  #obituary(how: string): string {
    const lines = this.#errors.trim().split("\n");
    const told = lines.find((line) => /^\w*Error\b/.test(line)) ?? lines.at(-1);
    return `its process ended with ${how}${told === "" ? "" : `: ${told}`}`;
  }

  #end(why: Error): void {
    this.#ended ??= why;
    this.#waiting?.reject(why);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** @throws Error when the contender says that it cannot, ends or takes too long. */
  async ask(request: Request): Promise<Exclude<Reply, { readonly error: string }>> {
    if (this.#ended !== undefined) throw this.#ended;
    const line = await new Promise<string>((resolve, reject) => {
      const seconds = this.#timeoutMs / 1000;
      const timer = setTimeout(
        () => reject(new Error(`no answer to "${request.do}" in ${seconds} s`)),
        this.#timeoutMs,
      );
      const settled = (): void => {
        clearTimeout(timer);
        this.#waiting = undefined;
      };
      this.#waiting = {
        resolve: (text) => {
          settled();
          resolve(text);
        },
        reject: (why) => {
          settled();
          reject(why);
        },
      };
      this.#child.stdin.write(`${JSON.stringify(request)}\n`);
    });
    const reply = JSON.parse(line) as Reply;
    if ("error" in reply) throw new Error(reply.error);
    return reply;
  }

  /** So many runs of so many iterations each, in milliseconds. */
  async time(work: { readonly runs: number; readonly iterations: number }): Promise<number> {
    const { durationMs } = await this.ask({ do: "time", ...work });
    return durationMs!;
  }

  /** Lets nothing of it run, no spinning thread either, until `resume`. Windows has no such signal. */
  pause(): void {
    if (process.platform !== "win32") this.#child.kill("SIGSTOP");
  }

  resume(): void {
    if (process.platform !== "win32") this.#child.kill("SIGCONT");
  }

  close(): void {
    this.#child.kill("SIGKILL");
  }
}
