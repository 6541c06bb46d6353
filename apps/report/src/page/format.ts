// Numbers as people read them. One locale, so that the page says the same to everybody.

const grouped = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const significant = new Intl.NumberFormat("en", { maximumSignificantDigits: 4 });

/** 9380 → "9,380" */
export function formatCount(value: number): string {
  return grouped.format(value);
}

/** Four significant digits; very small and very large ones as powers of ten. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) return value.toExponential(2).replace("-", "−");
  return significant.format(value).replace("-", "−");
}

/** 0.9781 → "97.81 %" */
export function formatShare(value: number): string {
  return `${(100 * value).toFixed(2)} %`;
}

/** 95_300 → "1 min 35 s" */
export function formatDuration(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 1) return `${Math.round(ms)} ms`;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** "sha256:0123456789ab…" → "0123456789" */
export function shortHash(hash: string): string {
  return hash.replace(/^sha256:/, "").slice(0, 10);
}

/** A JSON value in one line, without quotes around text. */
export function formatValue(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "number") return String(value);
  if (Array.isArray(value)) return value.map(formatValue).join(", ");
  if (typeof value === "object" && value !== null)
    return Object.entries(value)
      .map(([key, inner]) => `${key} ${formatValue(inner)}`)
      .join(", ");
  return String(value);
}

/** Where a run was made, in a few words; whatever the environment does not tell is left out. */
export function formatEnvironment(environment: Readonly<Record<string, unknown>>): string {
  const { node, platform, arch, cpu, cores, commit } = environment;
  const parts = [
    node === undefined ? "" : `Node ${node}`,
    [platform, arch].filter((part) => part !== undefined).join(" "),
    cpu === undefined ? "" : `${cpu}`,
    cores === undefined ? "" : `${cores} cores`,
    commit === undefined ? "" : `commit ${shortHash(String(commit))}`,
  ];
  return parts.filter((part) => part !== "").join(" · ");
}
