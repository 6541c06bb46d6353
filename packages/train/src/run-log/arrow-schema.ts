// The columns that schema.ts describes, as fields of an Arrow schema.
import type { Field } from "@nn/arrow";

export const FIELDS: readonly Field[] = [
  { name: "step", type: "int32", nullable: false },
  { name: "epoch", type: "int32", nullable: false },
  { name: "elapsedMs", type: "float64", nullable: false },
  { name: "split", type: "utf8", nullable: false },
  { name: "name", type: "utf8", nullable: false },
  { name: "value", type: "float64", nullable: true },
  { name: "shape", type: { kind: "list", item: "int32" }, nullable: true },
  { name: "data", type: { kind: "list", item: "float32" }, nullable: true },
];
