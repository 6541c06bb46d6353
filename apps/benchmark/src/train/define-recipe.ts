/** A recipe of its parts: data, model, training, records. */

import type { LogRunOptions, TrainingEvent } from "@nn/train";
import type { ClassData, Reach, Recipe, RecipeData, Recorder, Trained, Training } from "./recipe.ts";

/** What a recipe trains on and is measured on. */
export interface RecipeParts {
  readonly train: ClassData;
  readonly test: ClassData;
  /** Rows of `train` on which the accuracy at the end is measured; default: all. */
  readonly measured?: ClassData;
  /** The data sets as they were prepared, for the run log. */
  readonly sources: readonly ClassData[];
}

export interface RecipeDefinition<P extends RecipeParts, M, T extends Training> {
  readonly name: string;
  readonly description: string;
  readonly reaches: Reach;
  data(prepared: RecipeData): Promise<P>;
  /** The model before its first step. */
  model(parts: P): M;
  training(model: M, parts: P): T;
  /** What the run leaves for the report: how its curves are recorded, and more. */
  records(parts: P, training: T): { readonly curves: LogRunOptions; readonly others?: readonly Recorder[] };
  /** A line of output after an event; default: none. */
  line?(event: TrainingEvent<Trained>, parts: P): string | undefined;
  /** What a reader of the report must know. */
  notes(parts: P): string;
}

/** A checkpoint holds the run's history, so that where epochs are many, checkpoints are few. */
const CHECKPOINT_STEPS = 500;
const MOST_CHECKPOINTS = 20;

/**
 * A recipe: everything of a training run is decided by it, and `trainRecipe` runs it.
 * @example defineRecipe({ name: "mine", data, model: () => sequential(…), training: (model, { train }) => byFit(model, train, …), … })
 */
export function defineRecipe<P extends RecipeParts, M, T extends Training>(
  definition: RecipeDefinition<P, M, T>,
): Recipe {
  const { name, description, reaches } = definition;
  return {
    name,
    description,
    reaches,
    async prepare(prepared) {
      const parts = await definition.data(prepared);
      const { train, test, measured = train, sources } = parts;
      const training = definition.training(definition.model(parts), parts);
      const { curves, others = [] } = definition.records(parts, training);
      return {
        training,
        recorders: others,
        curves,
        checkpointEvery: Math.max(CHECKPOINT_STEPS, Math.ceil(training.totalSteps / MOST_CHECKPOINTS)),
        config: Object.assign(
          { ...training.config, split: { train: train.size, test: test.size }, notes: definition.notes(parts) },
          ...others.map(({ config }) => config),
        ),
        datasets: sources.map(({ name, fingerprint }) => ({ name, fingerprint })),
        measured: { train: measured, test },
        line: (event) => definition.line?.(event, parts),
      };
    },
  };
}
