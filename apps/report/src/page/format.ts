// Numbers as people read them; `@nn/command/format` has those that commands print as well.
const significant = new Intl.NumberFormat("en", { maximumSignificantDigits: 4 });

/** Four significant digits; very small and very large ones as powers of ten. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "∞" : "−∞";
  // Of the figure that is shown: 999,999.9 is 1.00e+6 and 0.00099999 is 0.001.
  const size = Math.abs(Number(value.toPrecision(4)));
  if (size !== 0 && (Number(size.toPrecision(3)) < 1e-3 || size >= 1e6))
    return value.toExponential(2).replace("-", "−");
  return significant.format(value).replace("-", "−");
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
