// The columns that schema.ts describes, as Arrow's types.
import { Field, Float32, Float64, Int32, List, Schema, Utf8 } from "apache-arrow";

export const listOfInt32: List<Int32> = new List(Field.new("item", new Int32(), true));
export const listOfFloat32: List<Float32> = new List(Field.new("item", new Float32(), true));

const fields: readonly Field[] = [
  new Field("step", new Int32(), false),
  new Field("epoch", new Int32(), false),
  new Field("elapsedMs", new Float64(), false),
  new Field("split", new Utf8(), false),
  new Field("name", new Utf8(), false),
  new Field("value", new Float64(), true),
  new Field("shape", listOfInt32, true),
  new Field("data", listOfFloat32, true),
];

/** The Arrow schema of one log, with its metadata. */
export function arrowSchema(metadata: ReadonlyMap<string, string>): Schema {
  return new Schema([...fields], new Map(metadata));
}
