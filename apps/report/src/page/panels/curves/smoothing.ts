/**
 * Exponential moving average with the bias of its start taken out: s ← w·s + (1−w)·x, result s / (1−wⁿ).
 * Values that are not finite stay as they are and do not enter the average.
 * @param weight w, from 0 (no smoothing) to below 1
 */
export function smooth(values: readonly number[], weight: number): number[] {
  let sum = 0;
  let correction = 1;
  return values.map((value) => {
    if (!Number.isFinite(value)) return value;
    sum = weight * sum + (1 - weight) * value;
    correction *= weight;
    return sum / (1 - correction);
  });
}
