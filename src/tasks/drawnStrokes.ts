/**
 * Images of drawn strokes: ten figures like digits, each time bent, turned, shifted and of another width. A labelled set
 * that needs no file, in the layout of MNIST's.
 * @source the figures and their distortions are ours; the size of 28 by 28 and values to 255 are those of LeCun, Bottou,
 * Bengio & Haffner 1998, Proc. IEEE 86, 2278–2324
 */
import type { NDArray } from "../base/arrays.ts";
import { NullclineError } from "../base/errors.ts";
import { RandomStream } from "../engine/random.ts";
import { withDefaults } from "./options.ts";

export interface DrawnStrokesOptions {
  /** Number of images. Default 1000. */
  count?: number;
  /** Image k of a seed is the same for any count. Default 0. */
  seed?: number;
  /** Rows and columns. Default 28. */
  size?: number;
  /** The first so many figures, 2 … 10. Default 10. */
  classes?: number;
  /** Half the width of a stroke; lengths are in units of the image's side. Default 0.045. */
  width?: number;
  /** Its relative standard deviation from image to image. Default 0.2. */
  widths?: number;
  /** Standard deviations: of the angle, rad; of size along each axis, relative; of place; of a smooth bending. Default 0.15, 0.1, 0.03, 0.02. */
  turn?: number;
  stretch?: number;
  shift?: number;
  bend?: number;
}

const defaults: Required<DrawnStrokesOptions> = {
  ...{ count: 1000, seed: 0, size: 28, classes: 10 },
  ...{ width: 0.045, widths: 0.2, turn: 0.15, stretch: 0.1, shift: 0.03, bend: 0.02 },
};

type Point = readonly [x: number, y: number];

/** Part of an ellipse, angles in degrees, clockwise from the right. */
function arc(cx: number, cy: number, rx: number, ry: number, from: number, to: number): Point[] {
  const steps = Math.ceil(Math.abs(to - from) / 20);
  return Array.from({ length: steps + 1 }, (_, k) => {
    const angle = ((from + ((to - from) * k) / steps) * Math.PI) / 180;
    return [cx + rx * Math.cos(angle), cy + ry * Math.sin(angle)];
  });
}

/** The figures: strokes, each a line through points; x to the right, y down, from 0 to 1. */
const figures: Point[][][] = [
  [arc(0.5, 0.5, 0.27, 0.38, 0, 360)],
  [[[0.36, 0.26], [0.53, 0.12], [0.53, 0.88]]],
  [[...arc(0.5, 0.34, 0.23, 0.22, -170, 40), [0.26, 0.88], [0.77, 0.88]]],
  [[...arc(0.46, 0.31, 0.22, 0.19, -150, 90), ...arc(0.46, 0.69, 0.25, 0.19, -90, 150)]],
  [[[0.58, 0.12], [0.22, 0.62], [0.8, 0.62]], [[0.62, 0.4], [0.62, 0.9]]],
  [[[0.73, 0.12], [0.33, 0.12], [0.3, 0.45], ...arc(0.48, 0.65, 0.25, 0.23, -125, 145)]],
  [[[0.64, 0.12], [0.42, 0.3], [0.3, 0.52], ...arc(0.51, 0.67, 0.22, 0.21, -160, 200)]],
  [[[0.22, 0.12], [0.77, 0.12], [0.42, 0.88]]],
  [arc(0.5, 0.31, 0.19, 0.19, 90, 450), arc(0.5, 0.7, 0.23, 0.2, -90, 270)],
  [[...arc(0.49, 0.33, 0.22, 0.21, 0, 360), [0.66, 0.62], [0.58, 0.88]]],
]; // biome-ignore format: points side by side

/**
 * The images and their classes, drawn in random order.
 * @returns `images` [image, row, column], 0 (paper) to 255 (ink), and `labels` [image]: what `imageSequences` takes
 * @throws NullclineError (code `option`) for options that make no sense
 */
export function drawnStrokes(given: DrawnStrokesOptions = {}): { images: NDArray<Float32Array>; labels: NDArray } {
  const o = withDefaults("drawnStrokes", defaults, given);
  const whole = (n: number, low: number, high: number) => Number.isInteger(n) && n >= low && n <= high;
  const spreads = [o.widths, o.turn, o.stretch, o.shift, o.bend];
  if (
    !whole(o.count, 1, 1e7) ||
    !whole(o.size, 4, 256) ||
    !whole(o.classes, 2, 10) ||
    !(o.width > 0) ||
    spreads.some((s) => !(s >= 0))
  )
    throw new NullclineError({
      code: "option",
      given: `drawn strokes: ${JSON.stringify(given)}`,
      expected: "a count, a size of 4 to 256, 2 to 10 classes, a positive width, and deviations of 0 or more",
    });
  const { count, size, classes } = o;
  const images = { data: new Float32Array(count * size * size), shape: [count, size, size] };
  const labels = new Float64Array(count);
  for (let k = 0; k < count; k++) {
    const random = new RandomStream(o.seed, "drawn strokes", k);
    labels[k] = random.integer(classes);
    const [angle, dx, dy] = [random.normal(0, o.turn), random.normal(0, o.shift), random.normal(0, o.shift)];
    const [sx, sy] = [Math.exp(random.normal(0, o.stretch)), Math.exp(random.normal(0, o.stretch))];
    const width = o.width * Math.exp(random.normal(0, o.widths));
    const bends = [0, 1].map(() => [random.normal(0, o.bend), random.uniform()] as const);
    const moved = ([x, y]: Point): Point => {
      const [bx, by] = [x + wave(bends[0]!, y), y + wave(bends[1]!, x)];
      const [px, py] = [sx * (bx - 0.5), sy * (by - 0.5)];
      const [c, s] = [Math.cos(angle), Math.sin(angle)];
      return [0.5 + dx + c * px - s * py, 0.5 + dy + s * px + c * py];
    };
    const image = images.data.subarray(k * size * size, (k + 1) * size * size);
    for (const stroke of figures[labels[k]!]!) ink(image, size, stroke.map(moved), width);
  }
  return { images, labels: { data: labels, shape: [count] } };
}

const wave = ([amplitude, phase]: readonly [number, number], at: number): number =>
  amplitude * Math.sin(2 * Math.PI * (at + phase));

/** Draws a line through points: full ink within `width` less half a pixel of it, none beyond width and half a pixel. */
function ink(image: Float32Array, size: number, points: readonly Point[], width: number): void {
  for (let p = 1; p < points.length; p++) {
    const [[ax, ay], [bx, by]] = [points[p - 1]!, points[p]!];
    const [ex, ey] = [bx - ax, by - ay];
    const length = ex * ex + ey * ey;
    const reach = width + 0.5 / size;
    const span = (a: number, b: number): [number, number] => [
      Math.max(0, Math.floor((Math.min(a, b) - reach) * size)),
      Math.min(size - 1, Math.ceil((Math.max(a, b) + reach) * size)),
    ];
    const [[left, right], [top, bottom]] = [span(ax, bx), span(ay, by)];
    for (let i = top; i <= bottom; i++)
      for (let j = left; j <= right; j++) {
        const [x, y] = [(j + 0.5) / size - ax, (i + 0.5) / size - ay];
        const along = length > 0 ? Math.min(1, Math.max(0, (x * ex + y * ey) / length)) : 0;
        const distance = Math.hypot(x - along * ex, y - along * ey);
        const value = 255 * Math.min(1, Math.max(0, (reach - distance) * size));
        image[i * size + j] = Math.max(image[i * size + j]!, value);
      }
  }
}
