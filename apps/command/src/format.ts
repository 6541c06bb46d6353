/**
 * Figures as people read them, in one locale, so that they look the same everywhere. A figure is rounded first and given its
 * unit then: 59,960 ms is "1 min 0 s", not "60.0 s". Runs in a page too.
 */

const grouped = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

/** 9380 → "9,380" */
export function formatCount(value: number): string {
  return grouped.format(value);
}

/** 0.9781 → "97.81 %". "100.00 %" is all and "0.00 %" is none: what only rounds to them is "> 99.99 %" and "< 0.01 %". */
export function formatShare(value: number): string {
  const text = (100 * value).toFixed(2);
  if (text === "100.00" && value < 1) return "> 99.99 %";
  if (text === "0.00" && value > 0) return "< 0.01 %";
  return `${text} %`;
}

/** Three significant digits, and more where these would stand on the other side of `bar`: 1.0996 against 1.1 is "1.0996". */
export function formatAgainst(value: number, bar: number): string {
  for (let digits = 3; digits < 17; digits++) {
    const text = value.toPrecision(digits);
    if (Number(text) >= bar === value >= bar) return text;
  }
  return String(value);
}

/** 90 → "90 ms", 1234 → "1.2 s", 95_300 → "1 min 35 s", 7_260_000 → "2 h 1 min" */
export function formatDuration(ms: number): string {
  if (Math.round(ms) < 1000) return `${Math.round(ms)} ms`;
  if (Math.round(ms / 100) < 600) return `${(Math.round(ms / 100) / 10).toFixed(1)} s`;
  return formatMinutes(ms);
}

/** Time that remains, which is a guess: 1234 → "1 s", 95_300 → "2 min", 7_260_000 → "2 h 1 min" */
export function formatTimeLeft(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.round(ms / 60_000);
  return minutes < 60 ? `${minutes} min` : formatHours(minutes);
}

function formatMinutes(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return Number.isFinite(ms) ? formatHours(Math.round(ms / 60_000)) : `${ms} ms`;
}

function formatHours(minutes: number): string {
  return `${grouped.format(Math.floor(minutes / 60))} h ${minutes % 60} min`;
}

/** 412 → "412 B", 336_800 → "337 kB", 5_123_456 → "5.1 MB" */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const kilobytes = Math.round(bytes / 1000);
  return kilobytes < 1000 ? `${kilobytes} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
