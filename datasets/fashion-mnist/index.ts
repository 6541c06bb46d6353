/** The folder that `prepare-data` writes: `openDataset(directory)` of `@nn/datasets/node` opens it. */
export const directory: URL = new URL("./build/", import.meta.url);
