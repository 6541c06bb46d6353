/** The other end of the protocol: what a contender written in TypeScript runs. */

import { writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import type { Problem, Reply, Request } from "./protocol.ts";

/** A problem made ready. */
export interface Workload {
  /** What the problem comes to, in the protocol's order. */
  check(): Promise<readonly Float32Array[]> | readonly Float32Array[];
  /** Goes back to where training began: the next step is the first again. Products have no such place. */
  reset?(): void;
  /** Does the work so many times; all of it is done when it returns. */
  run(iterations: number): Promise<void> | void;
}

interface Contender {
  /** Of the library. */
  readonly version: string;
  prepare(problem: Problem): Promise<Workload> | Workload;
}

/** Answers requests from standard input until it ends. */
export async function serve(open: () => Promise<Contender> | Contender): Promise<void> {
  // Nobody is left to answer when the command is gone.
  process.stdout.on("error", () => process.exit(1));
  const contender = await open();
  let workload: Workload | undefined;

  async function answer(request: Request): Promise<Reply> {
    if (request.do === "prepare") {
      workload = await contender.prepare(request.problem);
      return { version: contender.version };
    }
    if (request.do === "check") {
      workload!.reset?.();
      const values = await workload!.check();
      writeFileSync(request.file, Buffer.concat(values.map((each) => Buffer.from(Float32Array.from(each).buffer))));
      return {};
    }
    let durationMs = 0;
    for (let run = 0; run < request.runs; run++) {
      workload!.reset?.();
      // What a reset wrote lies in the cache of one core, and what a pause left is cold.
      if (request.iterations > 1) await workload!.run(1);
      const startedMs = performance.now();
      await workload!.run(request.iterations);
      durationMs += performance.now() - startedMs;
    }
    return { durationMs };
  }

  for await (const line of createInterface({ input: process.stdin })) {
    let reply: Reply;
    try {
      reply = await answer(JSON.parse(line) as Request);
    } catch (error) {
      reply = { error: error instanceof Error ? error.message : String(error) };
    }
    process.stdout.write(`${JSON.stringify(reply)}\n`);
  }
  // Workers of a contender must not keep it alive.
  process.exit();
}
