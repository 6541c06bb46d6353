/**
 * Checkpoints: all that a run needs to go on, as one safetensors file. Tensors are named `model.<parameter>`,
 * `buffers.<buffer>`, `average.<variable>`, `state.<path in the optimiser>` and `control<i>.<variable>`. The metadata has the
 * cursor, the history, the sums of the epoch under way and the controllers' JSON as `state`, and a checksum.
 */

import { type Json, loadSafetensors, type NamedTensors, saveSafetensors, type Variables } from "@nn/model";
import { ArgumentError, formatShape, sameShape, Tensor, type Tree } from "@nn/tensor";
import { checkInteger } from "@nn/tensor/arguments";
import type { ControllerState } from "../control/controller.ts";
import type { Attachments, EpochRecord } from "../fit/events.ts";
import type { FitPlan } from "../fit/fit-options.ts";
import type { ScoreState } from "../fit/score-sums.ts";
import type { StepState } from "../fit/step.ts";
import { withoutPrefix } from "../without-prefix.ts";
import { isIntact, seal, UNSEALED } from "./checksum.ts";
import {
  type Difference,
  firstDifference,
  firstOtherScalar,
  type PastScalars,
  type RunIdentity,
} from "./run-identity.ts";
import { formatState, parseState } from "./state-json.ts";

/** A run at one moment. */
export interface TrainingState {
  readonly identity: RunIdentity;
  /** Epochs that the run was asked for when this was written. */
  readonly epochs: number;
  readonly scalars: PastScalars;
  /** Steps done. */
  readonly step: number;
  /** The epoch under way, from 1. */
  readonly epoch: number;
  /** Batches of it done: all of them before its validation. */
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

/** What a checkpoint must belong to. */
export interface CheckpointOwner {
  readonly identity: RunIdentity;
  readonly plan: Pick<FitPlan, "epochs" | "stepsPerEpoch" | "optimizer">;
  /** The run's tensors before its first step: their names, shapes and dtypes. */
  readonly template: StepState;
  /** The store's name, for messages. */
  readonly name?: string | undefined;
}

const FORMAT = "nn-checkpoint";
/** Grows when what was written before can no longer be read. */
const VERSION = 1;

/** The bytes of a checkpoint. @throws ArgumentError when two tensors of the state get the same name. */
export function encodeCheckpoint(state: TrainingState): Uint8Array {
  const { tensors: steps, controllers, ...rest } = state;
  const tensors: { [name: string]: Tensor } = {};
  const add = (name: string, tensor: Tensor): void => {
    if (Object.hasOwn(tensors, name)) throw refuse(undefined, `two tensors named ${name}`, "a name for each");
    tensors[name] = tensor;
  };
  for (const part of parts) for (const [name, tensor] of leaves(PREFIXES[part], steps[part])) add(name, tensor);
  controllers.forEach(({ variables }, i) => {
    for (const [name, tensor] of Object.entries(variables ?? {})) add(`control${i}.${name}`, tensor);
  });
  const text = formatState({ ...rest, controllers: controllers.map((each) => each.json) });
  const metadata = { checksum: UNSEALED, format: FORMAT, state: text, version: String(VERSION) };
  const bytes = saveSafetensors(tensors, { metadata });
  seal(bytes);
  return bytes;
}

/**
 * The state in a file, in the form of `owner.template`.
 * @throws ArgumentError for a file that is damaged, of another format, or of another run: the field that differs, with both
 * values.
 */
export function decodeCheckpoint(bytes: Uint8Array, owner: CheckpointOwner): TrainingState {
  const { name, plan, template } = owner;
  const { parameters: tensors, metadata } = readFile(bytes, name);
  if (metadata.format !== FORMAT) {
    throw refuse(name, `a safetensors file of format ${JSON.stringify(metadata.format ?? "none")}`, FORMAT);
  }
  if (metadata.version !== String(VERSION)) {
    const fix =
      "Go on with the version of @nn/train that wrote it, or pass resume: false to start from the first step.";
    throw refuse(name, `version ${metadata.version}`, `version ${VERSION}`, fix);
  }
  if (!isIntact(bytes)) throw damaged(name, "a file with a wrong checksum");
  const state = readState(metadata.state, name);
  const difference =
    firstDifference(state.identity, parseState(formatState(owner.identity))) ??
    firstOtherScalar(state.scalars, plan.optimizer, { ...plan, epochs: state.epochs });
  if (difference !== undefined) throw ofAnotherRun(name, difference);
  checkEpochs(state, plan.epochs, name);
  return {
    ...state,
    tensors: tensorsLike(template, tensors, name),
    controllers: state.controllers.map((json, i) => {
      const variables = withoutPrefix(tensors, `control${i}.`) as Variables;
      return { json, ...(Object.keys(variables).length > 0 && { variables }) };
    }),
  };
}

function readFile(bytes: Uint8Array, name: string | undefined): ReturnType<typeof loadSafetensors> {
  try {
    return loadSafetensors(bytes);
  } catch (error) {
    if (!(error instanceof ArgumentError)) throw error;
    throw damaged(name, `a file that cannot be read: ${error.received}`, error.expected);
  }
}

type StateJson = Omit<TrainingState, "tensors" | "controllers"> & { readonly controllers: readonly Json[] };

function readState(text: string | undefined, name: string | undefined): StateJson {
  try {
    const state = parseState(text ?? "") as StateJson;
    for (const field of ["epochs", "step", "epoch", "batch"] as const) checkInteger("state", field, state[field], 0);
    if (!Array.isArray(state.history) || !Array.isArray(state.controllers)) throw new TypeError("no history");
    return state;
  } catch (error) {
    throw damaged(name, `metadata that do not describe a run (${(error as Error).message})`);
  }
}

/** @throws ArgumentError when a run has come further than it is asked for. */
function checkEpochs({ epoch, batch, step }: StateJson, epochs: number, name: string | undefined): void {
  const begun = batch === 0 ? epoch - 1 : epoch;
  if (begun <= epochs) return;
  throw refuse(
    name,
    `epochs ${epochs} for a run that has begun epoch ${begun}, after ${step} steps`,
    `at least ${begun}`,
    "Ask for as many epochs or more, or pass resume: false to start from the first step.",
  );
}

function refuse(name: string | undefined, received: string, expected: string, fix?: string): ArgumentError {
  const operation = name === undefined ? "fit: checkpoint" : `fit: checkpoint ${name}`;
  return new ArgumentError({ operation, received, expected, ...(fix !== undefined && { fix }) });
}

function damaged(name: string | undefined, received: string, expected?: string): ArgumentError {
  return refuse(
    name,
    received,
    expected ?? "a whole checkpoint that fit wrote",
    "The file is damaged or no checkpoint. Remove it, or pass resume: false to start from the first step.",
  );
}

function ofAnotherRun(name: string | undefined, { path, found, wanted }: Difference): ArgumentError {
  return refuse(
    name,
    `a checkpoint of another run: ${path} ${show(found)}`,
    `${show(wanted)}, as in this run`,
    "Give each run a store of its own, or pass resume: false to start from the first step.",
  );
}

function show(value: unknown): string {
  return value === undefined ? "missing" : formatState(value).slice(0, 200);
}

/** What the tensors of a step's state are called in a file. */
const PREFIXES: { readonly [Part in keyof StepState]: string } = {
  parameters: "model",
  frozen: "model",
  buffers: "buffers",
  average: "average",
  optimizer: "state",
};
const parts = Object.keys(PREFIXES) as (keyof StepState)[];

function leaves(path: string, tree: Tree): [name: string, tensor: Tensor][] {
  if (tree instanceof Tensor) return [[path, tree]];
  return Object.entries(tree).flatMap(([name, branch]) => leaves(`${path}.${name}`, branch));
}

/** `tensors` in the form of `template`. @throws ArgumentError where one is missing, of another shape or of another dtype. */
function tensorsLike(template: StepState, tensors: NamedTensors, name: string | undefined): StepState {
  const read = (path: string, tree: Tree): Tree => {
    if (Array.isArray(tree)) return tree.map((branch, i) => read(`${path}.${i}`, branch));
    if (!(tree instanceof Tensor)) {
      return Object.fromEntries(Object.entries(tree).map(([key, branch]) => [key, read(`${path}.${key}`, branch)]));
    }
    const tensor = tensors[path];
    if (tensor === undefined) throw refuse(name, `a file without ${path}`, "all tensors of the run");
    if (tensor.dtype === tree.dtype && sameShape(tensor.shape, tree.shape)) return tensor;
    throw refuse(
      name,
      `${path} in ${tensor.dtype} of shape ${formatShape(tensor.shape)}`,
      `${tree.dtype} of shape ${formatShape(tree.shape)}, as in this run`,
    );
  };
  return Object.fromEntries(parts.map((part) => [part, read(PREFIXES[part], template[part])])) as unknown as StepState;
}
