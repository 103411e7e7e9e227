// Where the lines of a long list are, so that only those are made that can be seen.

/** Where each line begins, and at the end where the last one ends. */
export function layout<T>(items: readonly T[], heightOf: (item: T) => number): Float64Array {
  const tops = new Float64Array(items.length + 1);
  for (let at = 0; at < items.length; at += 1) tops[at + 1] = tops[at]! + heightOf(items[at]!);
  return tops;
}

/** The line at that height; the first or the last beyond them. */
export function lineAt(tops: Float64Array, height: number): number {
  let low = 0;
  let high = Math.max(0, tops.length - 2);
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (tops[middle]! <= height) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** More lines than can be seen, in steps: a line more or less at each turn of the wheel would be work without a gain. */
const MORE = 4;
const STEP = 4;

/** From the first to after the last line to make. */
export function made(tops: Float64Array, from: number, room: number): [number, number] {
  const count = tops.length - 1;
  const first = Math.max(0, lineAt(tops, from) - MORE);
  const last = Math.min(count, lineAt(tops, from + room) + 1 + MORE);
  return [Math.floor(first / STEP) * STEP, Math.min(count, Math.ceil(last / STEP) * STEP)];
}
