/** Work that overlaps, with results in the order of what it was given. */

/**
 * `work` over `items`, up to `concurrency` at a time; the next begins when a result was taken. What fails is thrown in its
 * turn.
 */
export async function* inOrder<Item, Result>(
  items: AsyncIterable<Item> | Iterable<Item>,
  work: (item: Item) => Promise<Result>,
  concurrency: number,
): AsyncGenerator<Result> {
  const running: Promise<Result>[] = [];
  for await (const item of items) {
    const result = work(item);
    // Awaited in its turn: until then a failure is no unhandled one.
    result.catch(() => undefined);
    running.push(result);
    if (running.length >= concurrency) yield await running.shift()!;
  }
  while (running.length > 0) yield await running.shift()!;
}
