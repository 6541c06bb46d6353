// The one place that holds what the reader has chosen. The address follows it, and it follows the address.
import { formatHash, parseHash, type ViewState } from "./view-state.ts";

export interface Store {
  readonly state: ViewState;
  update(change: Partial<ViewState>): void;
  /** Calls `render` now, and again whenever the selected part changes. */
  watch<T>(select: (state: ViewState) => T, render: (selected: T) => void): void;
}

/** Browsers refuse an address that changes more than about three times a second. */
const ADDRESS_DELAY_MS = 400;

export function createStore(recipes: readonly string[]): Store {
  let state = parseHash(location.hash, recipes);
  const listeners: (() => void)[] = [];
  let pending: ReturnType<typeof setTimeout> | undefined;
  const set = (next: ViewState): void => {
    state = next;
    for (const listener of listeners) listener();
  };
  const writeAddress = (): void => {
    const hash = formatHash(state, recipes);
    history.replaceState(null, "", hash === "" ? location.pathname + location.search : `#${hash}`);
  };
  addEventListener("hashchange", () => set(parseHash(location.hash, recipes)));
  return {
    get state() {
      return state;
    },
    update(change) {
      set({ ...state, ...change });
      clearTimeout(pending);
      pending = setTimeout(writeAddress, ADDRESS_DELAY_MS);
    },
    watch(select, render) {
      let shown: string | undefined;
      const listener = (): void => {
        const selected = select(state);
        const key = JSON.stringify(selected);
        if (key === shown) return;
        shown = key;
        render(selected);
      };
      listeners.push(listener);
      listener();
    },
  };
}
