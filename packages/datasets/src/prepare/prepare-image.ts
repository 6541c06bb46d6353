/** One new picture through the steps of a prepared set, so that a model sees what it saw in training. */

import { ArgumentError, fromArray, type Shape, type Tensor } from "@nn/tensor";
import type { Dataset, InputDType } from "../dataset.ts";
import { DataError } from "../errors.ts";
import { JoinedColumns } from "../joined-columns.ts";
import type { Manifest } from "../manifest.ts";
import { MappedDataset } from "../map.ts";
import { StoredDataset } from "../stored-dataset.ts";
import { firstFrame } from "./first-frame.ts";
import { sniff } from "./image-file.ts";
import { stepOptions } from "./image-steps.ts";
import { decodeGrey, ImageTransform } from "./image-transform.ts";
import { loadSharp } from "./load-sharp.ts";

export interface PrepareImageOptions {
  /** Pictures of more pixels are refused before they are decoded; default 2²⁶. */
  readonly limitInputPixels?: number;
}

/** What says how a set was prepared: the dataset that was opened, also split or augmented, or its manifest. */
type Prepared<In extends Shape> = Dataset<In> | Pick<Manifest, "name" | "dtype" | "inputShape" | "steps">;

/**
 * The picture in `bytes` (a file of any format that sharp reads) as a batch of one, of shape [1, height, width, 1] and dtype
 * uint8: the bytes that `prepare` would have stored for it in this set. Augmentation is not applied.
 * @throws DataError for bytes that are no picture, and for a picture of another size where the set has no resize step.
 * @throws ArgumentError for a set that is not of pictures, and for one whose inputs `mapDataset` made.
 * @example network(model, parameters).classify(await prepareImage(data, await readFile("new.png")))
 */
export async function prepareImage<const In extends Shape = Shape>(
  prepared: Prepared<In>,
  bytes: Uint8Array,
  options: PrepareImageOptions = {},
): Promise<Tensor<readonly [1, ...In], "uint8">> {
  const { name, dtype, inputShape, steps } = factsOf(prepared);
  const [height = 0, width = 0] = inputShape;
  const { isSprite, ...given } = stepOptions(operation, name, steps);
  if (inputShape.length !== 3 || inputShape[2] !== 1 || dtype !== "uint8") {
    const received = `${name} with inputs of shape [${inputShape.join(", ")}] and dtype ${dtype}`;
    throw new ArgumentError({ operation, received, expected: "a set of pictures, [height, width, 1] in uint8" });
  }
  if (!(bytes instanceof Uint8Array)) {
    const received = `a picture as ${Object.prototype.toString.call(bytes).slice(8, -1)}`;
    const fix = "Read the file with readFile, or wrap an ArrayBuffer with new Uint8Array(buffer).";
    throw new ArgumentError({ operation, received, expected: "the bytes of its file as Uint8Array", fix });
  }
  const made = given.normalize === "mnist" ? { height: 28, width: 28 } : (given.size ?? { height, width });
  if (made.height !== height || made.width !== width) {
    const received = `${name} of ${height} × ${width} with a step to ${made.height} × ${made.width}`;
    throw new DataError({ operation, received, expected: "steps that end in the set's shape" });
  }
  const format = sniff(bytes);
  if (format === undefined) throw unreadable("bytes that begin like no image that is known");
  if (format === "svg") throw unreadable("an SVG drawing, which has no pixels");
  const open = await loadSharp();
  const transform = new ImageTransform(open, { ...given, ...options }, { height, width });
  try {
    if (!isSprite) return batchOf(await transform.one(bytes), inputShape);
    // As the sheet was: white behind transparency, whatever fills the margins of its images.
    const tile = await decodeGrey(open(firstFrame(bytes), { limitInputPixels: options.limitInputPixels ?? 2 ** 26 }));
    const raw = { raw: { height: tile.height, width: tile.width, channels: 1 as const } };
    return batchOf(await transform.one(tile.pixels, raw), inputShape);
  } catch (error) {
    if (error instanceof DataError) {
      const { received, expected, fix } = error;
      throw new DataError({ operation, received, expected, ...(fix === undefined ? {} : { fix }) });
    }
    if (error instanceof ArgumentError || !(error instanceof Error)) throw error;
    throw unreadable(`a picture that sharp cannot read (${error.message.split("\n")[0]})`);
  }
}

const operation = "prepareImage";

interface Facts<In extends Shape> {
  readonly name: string;
  readonly dtype: InputDType;
  readonly inputShape: In;
  readonly steps: readonly string[];
}

function factsOf<In extends Shape>(prepared: Prepared<In>): Facts<In> {
  if (prepared instanceof StoredDataset) {
    const { name, inputShape, fields } = prepared;
    if (fields.columns instanceof JoinedColumns)
      return factsOfParts(name, fields.columns.parts.map(factsOf)) as Facts<In>;
    return { name, inputShape: inputShape as In, dtype: fields.columns.dtype, steps: fields.steps };
  }
  if (prepared instanceof MappedDataset) {
    if (prepared.options.augment !== undefined) return factsOf(prepared.base as unknown as Dataset<In>);
    throw new ArgumentError({
      operation,
      received: `${prepared.name} after mapDataset (${prepared.options.step})`,
      expected: "a dataset as it was opened, or its manifest",
      fix: "Give the dataset from before mapDataset, and do to the picture what the map does to a row.",
    });
  }
  if ("steps" in prepared) return prepared as Facts<In>;
  throw new ArgumentError({
    operation,
    received: `the dataset ${prepared.name}, which does not say how it was prepared`,
    expected: "a dataset from openDataset, or a manifest from readManifest or prepare",
  });
}

/** What all parts of a joined dataset have in common. */
function factsOfParts(name: string, [first, ...others]: readonly Facts<Shape>[]): Facts<Shape> {
  const other = others.find(({ steps }) => steps.join() !== first!.steps.join());
  if (other === undefined) return first!;
  throw new ArgumentError({
    operation,
    received: `${name} joined of sets with the steps ${first!.steps.join(" → ")} and ${other.steps.join(" → ")}`,
    expected: "sets with the same steps",
    fix: "Give the one whose steps the picture is to go through.",
  });
}

const batchOf = <In extends Shape>(pixels: Uint8Array, inputShape: In): Tensor<readonly [1, ...In], "uint8"> =>
  // In memory of its own: sharp's buffers may be parts of larger ones.
  fromArray(Uint8Array.from(pixels), [1, ...inputShape] as const) as unknown as Tensor<readonly [1, ...In], "uint8">;

const unreadable = (received: string): DataError =>
  new DataError({ operation, received, expected: "the bytes of a picture's file, such as a PNG or JPEG" });
