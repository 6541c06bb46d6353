import type { RunLogSink } from "./write.ts";

/** For tests: a log in memory. */
export class MemorySink implements RunLogSink {
  bytes: Uint8Array = new Uint8Array();

  write(more: Uint8Array): void {
    this.bytes = new Uint8Array(Buffer.concat([this.bytes, more]));
  }

  replace(all: Uint8Array): void {
    this.bytes = all;
  }
}
