/**
 * Lets the event loop handle timers and signals, such as those of the progress bar and of Ctrl-C.
 * @throws the reason of `signal` once it is aborted.
 */
export async function turn(signal?: AbortSignal): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  signal?.throwIfAborted();
}
