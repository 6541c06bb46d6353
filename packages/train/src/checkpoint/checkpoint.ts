/**
 * Checkpoints: all that a run needs to go on, as one safetensors file. Tensors are named `model.<parameter>`,
 * `buffers.<buffer>`, `average.<variable>`, `state.<path in the optimiser>` and `control<i>.<variable>`; the cursor, the history, the
 * sums of the epoch under way and the controllers' JSON are in the metadata.
 */

import { type Json, loadSafetensors, type NamedTensors, saveSafetensors, type Variables } from "@nn/model";
import { ArgumentError, checkInteger, formatShape, sameShape, Tensor, type Tree } from "@nn/tensor";
import type { ControllerState } from "../control/controller.ts";
import type { Attachments, EpochRecord } from "../fit/events.ts";
import type { ScoreState } from "../fit/score-sums.ts";
import type { StepState } from "../fit/step.ts";

/** Where checkpoints are kept: the last one, whole or not at all. `folder` of `@nn/train/node` is one. */
export interface CheckpointStore {
  /** The last checkpoint; undefined where there is none. */
  read(): Promise<Uint8Array | undefined>;
  /** Puts `bytes` in place of the last checkpoint, in one step. */
  write(bytes: Uint8Array): Promise<void>;
}

export interface CheckpointOptions {
  readonly in: CheckpointStore;
  /** Steps from one checkpoint to the next, at least 1; default: the steps of an epoch. The end of a run writes one too. */
  readonly everySteps?: number;
  /**
   * Whether to go on from the checkpoint that is there; default true. `false` starts anew, and replaces it.
   */
  readonly resume?: boolean;
}

/** What a run was made of: a checkpoint goes on only where all of it is the same. */
export type RunIdentity = { readonly [field: string]: Json };

/** A run at one moment. */
export interface TrainingState {
  readonly identity: RunIdentity;
  /** Steps done. */
  readonly step: number;
  /** The epoch under way, from 1. */
  readonly epoch: number;
  /** Batches of it done. */
  readonly batch: number;
  readonly elapsedMs: number;
  readonly history: readonly EpochRecord[];
  readonly sums: ScoreState;
  readonly tensors: StepState;
  readonly controllers: readonly ControllerState[];
  /** Why a controller ended the run; null while it may go on. */
  readonly stopped: string | null;
  readonly attachments: Attachments;
}

/** Grows when files are no longer what they were. */
const VERSION = 1;
const operation = "checkpoint";

/** The bytes of a checkpoint. */
export function encodeCheckpoint(state: TrainingState): Uint8Array {
  const { tensors: steps, controllers, ...rest } = state;
  const tensors: { [name: string]: Tensor } = {};
  for (const [name, tensor] of namedTensors(steps)) tensors[name] = tensor;
  controllers.forEach(({ variables }, i) => {
    for (const [name, tensor] of Object.entries(variables ?? {})) tensors[`control${i}.${name}`] = tensor;
  });
  const json = { ...rest, controllers: controllers.map((each) => each.json) };
  return saveSafetensors(tensors, {
    metadata: { format: "nn-checkpoint", version: String(VERSION), state: toJson(json) },
  });
}

/**
 * The state in a file, in the form of `template`.
 * @throws ArgumentError for a file that is damaged, of a later format, or of another run: the field that differs, with both
 * values.
 */
export function decodeCheckpoint(bytes: Uint8Array, template: StepState, identity: RunIdentity): TrainingState {
  const { parameters: tensors, metadata } = loadSafetensors(bytes);
  if (metadata.format !== "nn-checkpoint") {
    throw refuse(`a safetensors file of format ${JSON.stringify(metadata.format ?? "none")}`, "nn-checkpoint");
  }
  if (metadata.version !== String(VERSION)) {
    throw refuse(
      `version ${metadata.version}`,
      `version ${VERSION}`,
      "Go on with the version of @nn/train that wrote it.",
    );
  }
  const state = parseState(metadata.state);
  checkIdentity(state.identity, identity);
  return {
    ...state,
    tensors: fromNamed(template, tensors),
    controllers: state.controllers.map((json, i) => {
      const variables = withPrefix(tensors, `control${i}.`);
      return { json, ...(Object.keys(variables).length > 0 && { variables }) };
    }),
  };
}

type StateJson = Omit<TrainingState, "tensors" | "controllers"> & { readonly controllers: readonly Json[] };

/** JSON that keeps numbers that JSON has no text for: NaN, ±∞ and −0. */
function toJson(value: unknown): string {
  return JSON.stringify(value, (_, each) =>
    typeof each === "number" && (!Number.isFinite(each) || Object.is(each, -0))
      ? { number: Object.is(each, -0) ? "-0" : String(each) }
      : each,
  );
}

function parseState(text: string | undefined): StateJson {
  try {
    const state = JSON.parse(text ?? "", (_, each) =>
      each !== null && typeof each === "object" && typeof each.number === "string" && Object.keys(each).length === 1
        ? Number(each.number)
        : each,
    );
    for (const name of ["step", "epoch", "batch"]) checkInteger(operation, name, state[name], 0);
    if (!Array.isArray(state.history) || !Array.isArray(state.controllers)) throw new TypeError("no history");
    return state;
  } catch (error) {
    throw refuse(`metadata that do not describe a run (${(error as Error).message})`, "those that fit wrote");
  }
}

function refuse(received: string, expected: string, fix?: string): ArgumentError {
  return new ArgumentError({ operation, received, expected, ...(fix !== undefined && { fix }) });
}

/** @throws ArgumentError naming the first field that differs. */
function checkIdentity(found: RunIdentity, wanted: RunIdentity): void {
  const difference = firstDifference(found, wanted, "");
  if (difference === undefined) return;
  const { path, was, is } = difference;
  throw refuse(
    `a checkpoint of another run: ${path} is ${show(was)} in it`,
    `${show(is)}, as in this run`,
    "Give each run a folder of its own, or pass resume: false to start anew.",
  );
}

function show(value: unknown): string {
  return value === undefined ? "missing" : (JSON.stringify(value) ?? String(value)).slice(0, 200);
}

/** The path to the first difference of two JSON values. */
function firstDifference(
  was: unknown,
  is: unknown,
  path: string,
): { readonly path: string; readonly was: unknown; readonly is: unknown } | undefined {
  if (typeof was !== "object" || typeof is !== "object" || was === null || is === null) {
    return Object.is(was, is) ? undefined : { path, was, is };
  }
  for (const key of new Set([...Object.keys(is), ...Object.keys(was)])) {
    const below = path === "" ? key : `${path}.${key}`;
    const found = firstDifference(
      (was as { [key: string]: unknown })[key],
      (is as { [key: string]: unknown })[key],
      below,
    );
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What the tensors of a step's state are called in a file. */
const PREFIXES: { readonly [Part in keyof StepState]: string } = {
  parameters: "model",
  frozen: "model",
  buffers: "buffers",
  average: "average",
  optimizer: "state",
};

function namedTensors(state: StepState): [name: string, tensor: Tensor][] {
  return (Object.keys(PREFIXES) as (keyof StepState)[]).flatMap((part) => leaves(PREFIXES[part], state[part]));
}

function leaves(path: string, tree: Tree): [name: string, tensor: Tensor][] {
  if (tree instanceof Tensor) return [[path, tree]];
  return Object.entries(tree).flatMap(([name, branch]) => leaves(`${path}.${name}`, branch));
}

function fromNamed(template: StepState, tensors: NamedTensors): StepState {
  const read = (path: string, tree: Tree): Tree => {
    if (!(tree instanceof Tensor)) {
      return Object.fromEntries(Object.entries(tree).map(([name, branch]) => [name, read(`${path}.${name}`, branch)]));
    }
    const tensor = tensors[path];
    if (tensor === undefined) throw refuse(`a file without ${path}`, "all tensors of the run");
    if (tensor.dtype === tree.dtype && sameShape(tensor.shape, tree.shape)) return tensor;
    throw refuse(
      `${path} in ${tensor.dtype} of shape ${formatShape(tensor.shape)}`,
      `${tree.dtype} of shape ${formatShape(tree.shape)}, as in this run`,
    );
  };
  return Object.fromEntries(
    (Object.keys(PREFIXES) as (keyof StepState)[]).map((part) => [part, read(PREFIXES[part], template[part])]),
  ) as unknown as StepState;
}

function withPrefix(tensors: NamedTensors, prefix: string): Variables {
  return Object.fromEntries(
    Object.entries(tensors).flatMap(([name, tensor]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), tensor]] : [],
    ),
  ) as Variables;
}
