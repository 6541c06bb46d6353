// What the reader has chosen, and how it stands in the address behind "#", so that a view can be bookmarked and sent.

/** What stands on the horizontal axis of the learning curves. */
export type XAxis = "step" | "epoch" | "time";

export interface ViewState {
  /** Recipes whose curves are shown. */
  readonly runs: readonly string[];
  readonly x: XAxis;
  readonly y: "linear" | "log";
  readonly layout: "separate" | "together";
  /** Weight of the moving average, 0 to 0.99. */
  readonly smoothing: number;
  /** Step of the decision boundary by recipe; absent = the last. */
  readonly step: Readonly<Record<string, number>>;
  /** Chosen confusion cell by recipe: [true class, predicted class]. */
  readonly cell: Readonly<Record<string, readonly [number, number]>>;
  /** Recipes whose predictions show the wrong ones only. */
  readonly wrong: readonly string[];
}

export function defaultState(recipes: readonly string[]): ViewState {
  return {
    runs: recipes,
    x: "step",
    y: "linear",
    layout: "separate",
    smoothing: 0,
    step: {},
    cell: {},
    wrong: [],
  };
}

/** The state as text without "#"; what is at its default is left out, so the untouched page has a clean address. */
export function formatHash(state: ViewState, recipes: readonly string[]): string {
  const parameters = new URLSearchParams();
  const usual = defaultState(recipes);
  if (state.runs.join() !== usual.runs.join()) parameters.set("runs", state.runs.join(","));
  for (const key of ["x", "y", "layout"] as const) if (state[key] !== usual[key]) parameters.set(key, state[key]);
  if (state.smoothing !== 0) parameters.set("smoothing", String(state.smoothing));
  for (const [recipe, step] of Object.entries(state.step)) parameters.append("step", `${recipe}:${step}`);
  for (const [recipe, cell] of Object.entries(state.cell)) parameters.append("cell", `${recipe}:${cell.join("-")}`);
  for (const recipe of state.wrong) parameters.append("wrong", recipe);
  return parameters.toString().replaceAll("%2C", ",").replaceAll("%3A", ":");
}

/** The inverse of `formatHash`. Whatever is unknown or out of range is left at its default: a link never breaks. */
export function parseHash(hash: string, recipes: readonly string[]): ViewState {
  const parameters = new URLSearchParams(hash.replace(/^#/, ""));
  const usual = defaultState(recipes);
  const smoothing = Number(parameters.get("smoothing") ?? 0);
  const runs = parameters.get("runs")?.split(",");
  return {
    runs: runs === undefined ? usual.runs : recipes.filter((recipe) => runs.includes(recipe)),
    x: oneOf(parameters.get("x"), ["step", "epoch", "time"]),
    y: oneOf(parameters.get("y"), ["linear", "log"]),
    layout: oneOf(parameters.get("layout"), ["separate", "together"]),
    smoothing: smoothing >= 0 && smoothing <= 0.99 ? smoothing : 0,
    step: byRecipe(parameters.getAll("step"), recipes, (text) => (/^\d+$/.test(text) ? Number(text) : undefined)),
    cell: byRecipe(parameters.getAll("cell"), recipes, (text) => {
      const [, row, column] = /^(\d+)-(\d+)$/.exec(text) ?? [];
      return row === undefined ? undefined : ([Number(row), Number(column)] as const);
    }),
    wrong: recipes.filter((recipe) => parameters.getAll("wrong").includes(recipe)),
  };
}

/** The first choice is the default. */
function oneOf<T extends string>(value: string | null, choices: readonly [T, ...T[]]): T {
  return choices.find((choice) => choice === value) ?? choices[0];
}

function byRecipe<T>(
  entries: readonly string[],
  recipes: readonly string[],
  parse: (text: string) => T | undefined,
): Record<string, T> {
  const result: Record<string, T> = {};
  for (const entry of entries) {
    const colon = entry.lastIndexOf(":");
    const recipe = entry.slice(0, colon);
    const value = parse(entry.slice(colon + 1));
    if (value !== undefined && recipes.includes(recipe)) result[recipe] = value;
  }
  return result;
}
