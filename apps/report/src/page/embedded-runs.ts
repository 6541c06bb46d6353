// From the script element that build.ts filled to runs.
import { type EmbeddedRun, RUNS_ELEMENT_ID } from "../embedded.ts";
import { openRun, type Run } from "./run.ts";

export async function readEmbeddedRuns(page: Document): Promise<Run[]> {
  const embedded = JSON.parse(page.getElementById(RUNS_ELEMENT_ID)?.textContent ?? "[]") as EmbeddedRun[];
  return Promise.all(
    embedded.map(async (run, index) => openRun(run, run.log === null ? null : await unpack(run.log), index)),
  );
}

/** base64 of gzip → bytes */
async function unpack(text: string): Promise<Uint8Array> {
  const binary = atob(text);
  const packed = new Uint8Array(binary.length);
  for (let i = 0; i < packed.length; i++) packed[i] = binary.charCodeAt(i);
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
