import { fileURLToPath } from "node:url";

/** The folder of this app. */
export const appFolder: string = fileURLToPath(new URL("..", import.meta.url));
