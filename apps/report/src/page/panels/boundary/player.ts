// Stepping through frames by itself. Nothing moves unless asked, and calmly when the reader prefers less motion.
import { element } from "../../dom.ts";

const PACE_MS = 250;
const CALM_PACE_MS = 1000;

export interface Player {
  readonly button: HTMLButtonElement;
  stop(): void;
}

export interface PlayerOptions {
  /** What is played, for the button's accessible name. */
  readonly subject: string;
  /** Called when playing begins. */
  readonly begin: () => void;
  /** Shows the next frame; returns whether there is another one after it. */
  readonly advance: () => boolean;
  /** Told whether frames are passing, so that they are not all read aloud. */
  readonly onChange: (playing: boolean) => void;
}

export function createPlayer({ subject, begin, advance, onChange }: PlayerOptions): Player {
  const button = element("button", { type: "button" });
  let timer: ReturnType<typeof setInterval> | undefined;
  const show = (): void => {
    const [sign, verb] = timer === undefined ? ["▶", "Play"] : ["❚❚", "Pause"];
    button.replaceChildren(
      element("span", { "aria-hidden": "true" }, sign),
      ` ${verb}`,
      element("span", { class: "visually-hidden" }, ` ${subject}`),
    );
  };
  const set = (next: ReturnType<typeof setInterval> | undefined): void => {
    clearInterval(timer);
    timer = next;
    onChange(timer !== undefined);
    show();
  };
  const stop = (): void => {
    if (timer !== undefined) set(undefined);
  };
  button.addEventListener("click", () => {
    if (timer !== undefined) return stop();
    begin();
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    set(setInterval(() => advance() || stop(), calm ? CALM_PACE_MS : PACE_MS));
  });
  show();
  return { button, stop };
}
