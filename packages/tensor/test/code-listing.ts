/** Reads what V8 prints with `--print-wasm-code`: the machine code of each function, and the loops in it. */

/** One machine instruction as V8 prints it. */
export interface Instruction {
  /** Bytes from the start of the function. */
  readonly offset: number;
  /** Mnemonic and operands. */
  readonly text: string;
}

/** The code of one WebAssembly function. */
export interface FunctionListing {
  readonly index: number;
  readonly compiler: string;
  readonly instructions: readonly Instruction[];
}

/** An instruction: address, offset in hexadecimal, bytes, text. */
const line = /^0x[0-9a-f]+\s+([0-9a-f]+)\s+[0-9a-f]+\s+(\S.*)$/;

/** The functions of a listing in the order in which they were compiled. */
export function parseListing(listing: string): FunctionListing[] {
  return listing
    .split("--- WebAssembly code ---")
    .slice(1)
    .map((text) => ({
      index: Number(/^index: (\d+)$/m.exec(text)?.[1]),
      compiler: /^compiler: (.*)$/m.exec(text)?.[1] ?? "",
      instructions: text.split("\n").flatMap((each) => {
        const [, offset, code] = line.exec(each) ?? [];
        return offset === undefined ? [] : [{ offset: Number.parseInt(offset, 16), text: code!.trim() }];
      }),
    }));
}

/** Instructions that run one after another: a jump leads to the first or leaves from the last. */
interface BasicBlock {
  readonly instructions: Instruction[];
  readonly next: number[];
}

function jumpTarget({ text }: Instruction): number | undefined {
  const target = /^j\w+ 0x[0-9a-f]+\s+<\+0x([0-9a-f]+)>/.exec(text)?.[1];
  return target === undefined ? undefined : Number.parseInt(target, 16);
}

function blocksOf(instructions: readonly Instruction[]): BasicBlock[] {
  const starts = new Set(instructions.map(jumpTarget));
  const blocks: BasicBlock[] = [];
  let ended = true;
  for (const instruction of instructions) {
    if (ended || starts.has(instruction.offset)) blocks.push({ instructions: [], next: [] });
    blocks.at(-1)!.instructions.push(instruction);
    ended = /^(j|ret|int3)/.test(instruction.text);
  }
  const blockAt = new Map(blocks.map((block, index) => [block.instructions[0]!.offset, index]));
  blocks.forEach((block, index) => {
    const last = block.instructions.at(-1)!;
    const target = jumpTarget(last);
    if (target !== undefined && blockAt.has(target)) block.next.push(blockAt.get(target)!);
    if (!/^(jmp|ret|int3)/.test(last.text) && index + 1 < blocks.length) block.next.push(index + 1);
  });
  return blocks;
}

/** For each block those that every way to it passes; undefined where no way leads. */
function dominatorsOf(blocks: readonly BasicBlock[]): (Set<number> | undefined)[] {
  const dominators: (Set<number> | undefined)[] = blocks.map(() => undefined);
  dominators[0] = new Set([0]);
  for (let changed = true; changed; ) {
    changed = false;
    blocks.forEach((block, from) => {
      const over = dominators[from];
      if (over === undefined) return;
      for (const to of block.next) {
        const before = dominators[to];
        const after = new Set([to, ...[...over].filter((each) => before === undefined || before.has(each))]);
        if (before !== undefined && after.size === before.size) continue;
        dominators[to] = after;
        changed = true;
      }
    });
  }
  return dominators;
}

/**
 * The loops that contain no other loop, without the code that V8 sets apart at the function's end: the slow way of a
 * check that the loop holds, a call with everything saved around it.
 */
export function innermostLoops({ instructions }: FunctionListing): Instruction[][] {
  const blocks = blocksOf(instructions);
  const dominators = dominatorsOf(blocks);
  const before: number[][] = blocks.map(() => []);
  blocks.forEach((block, from) => {
    for (const to of block.next) before[to]!.push(from);
  });
  const loops = new Map<number, Set<number>>();
  blocks.forEach((block, from) => {
    for (const head of block.next) {
      if (!dominators[from]?.has(head)) continue;
      const body = loops.get(head) ?? new Set([head]);
      const rest = [from];
      for (let at = rest.pop(); at !== undefined; at = rest.pop()) {
        if (body.has(at)) continue;
        body.add(at);
        rest.push(...before[at]!);
      }
      loops.set(head, body);
    }
  });
  const heads = [...loops.keys()];
  return heads
    .filter((head) => !heads.some((other) => other !== head && loops.get(head)!.has(other)))
    .map((head) =>
      [...loops.get(head)!]
        .sort((a, b) => a - b)
        .map((index) => blocks[index]!.instructions)
        .filter((block) => !block.some(({ text }) => text.startsWith("call")))
        .flat(),
    );
}

/** Whether an instruction reads or writes the stack: what a register that was spilled, or never given, costs. */
export function touchesStack({ text }: Instruction): boolean {
  return /\[r[bs]p\b/.test(text);
}
