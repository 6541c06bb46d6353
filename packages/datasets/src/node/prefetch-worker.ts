/** What a worker of `prefetch` runs in Node. */

import { parentPort } from "node:worker_threads";
import { labelledRows } from "../labelled-rows.ts";
import { serveBatches } from "../prefetch/serve.ts";
import { type ShardLocation, storedShard } from "./stored.ts";

const serve = serveBatches(
  (answer, transfer) => parentPort!.postMessage(answer, transfer),
  async (location) => labelledRows(await storedShard(location as ShardLocation)),
);
parentPort!.on("message", serve);
