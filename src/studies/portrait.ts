/** Pieces of reports on any system: trajectories, its state space, spectra and tables of fixed points. */
import {
  type Block,
  type Figure,
  type FixedPoint,
  type FixedPoints,
  fixedPointLayers,
  formatNumber,
  type Layer,
  type LimitCycle,
  type NDArray,
  type Network,
  oblique,
  pca,
  type Stability,
  stabilityLimit,
  timeUnit,
} from "../index.ts";
import type { Recorded } from "./trajectory.ts";

/** The unit of time, and that of frequencies with the factor that brings `1 / unit of time` to it. */
export interface Clock {
  unit: string;
  frequencyUnit: string;
  perUnit: number;
}

export function clockOf(network: Network, kind: "flow" | "map"): Clock {
  const unit = timeUnit(network.data);
  if (unit === "ms" || unit === "s") return { unit, frequencyUnit: "Hz", perUnit: unit === "ms" ? 1000 : 1 };
  const name = unit ?? (kind === "map" && (network.data.dt ?? 1) === 1 ? "samples" : "time units");
  return { unit: name, frequencyUnit: `cycles per ${name.replace(/s$/, "")}`, perUnit: 1 };
}

/** The unit of rates. */
const perTime = ({ unit }: Clock): string => `1/${unit.length > 2 ? unit.replace(/s$/, "") : unit}`;

const mostUnits = 5;
const mostLanes = 8;

/** Time courses of the first trial: a lane for each quantity, with its first few entries. */
export function courseFigure(recorded: Recorded[], times: ArrayLike<number>, clock: Clock): Figure {
  const shown = recorded.slice(0, mostLanes);
  const layers: Layer[] = shown.flatMap(({ name, values }, lane) => {
    const [, samples, width] = values.shape as [number, number, number];
    const entries = Math.min(width, mostUnits);
    return Array.from(
      { length: entries },
      (_, i): Layer => ({
        kind: "line",
        lane,
        name: width === 1 ? name : `${name}[${i}]`,
        color: width === 1 ? "blue" : { ordered: entries === 1 ? 0 : i / (entries - 1) },
        width: 1.2,
        x: times,
        y: Float64Array.from({ length: samples }, (_, t) => values.data[t * width + i]!),
      }),
    );
  });
  const cut = shown.some(({ values }) => values.shape[2]! > mostUnits);
  return {
    title: "Time courses",
    caption: `States and outputs against time${cut ? `; of a vector its first ${mostUnits} entries` : ""}.`,
    panels: [
      {
        x: { label: "time", unit: clock.unit },
        y: { label: "", lanes: shown.map(({ name }) => ({ name })) },
        layers,
      },
    ],
  };
}

/** Where the states of a system are drawn: themselves up to three dimensions, two principal components above. */
export function planeOf(states: NDArray, coordinates: readonly string[]) {
  const D = coordinates.length;
  const axis = (points: Float64Array, i: number): Float64Array => {
    const out = new Float64Array(points.length / D);
    for (let k = 0; k < out.length; k++) out[k] = points[k * D + i]!;
    return out;
  };
  if (D === 2)
    return {
      x: coordinates[0]!,
      y: coordinates[1]!,
      note: "",
      project: (p: Float64Array) => ({ x: axis(p, 0), y: axis(p, 1) }),
    };
  if (D === 3)
    return {
      x: coordinates[0]!,
      y: coordinates[1]!,
      note: ` Drawn obliquely, ${coordinates[2]} into the page.`,
      project: (p: Float64Array) => oblique(axis(p, 0), axis(p, 1), axis(p, 2)),
    };
  const rows = states.data.length / D;
  const stride = Math.ceil(rows / 2000);
  const kept: number[] = [];
  for (let r = 0; r < rows; r += stride) {
    const row = states.data.subarray(r * D, (r + 1) * D);
    if (row.every(Number.isFinite)) kept.push(...row);
  }
  const { components, removed, explained } = pca(
    { data: Float64Array.from(kept), shape: [1, kept.length / D, D] },
    { components: 2 },
  );
  const score = (p: Float64Array, c: number): Float64Array =>
    Float64Array.from({ length: p.length / D }, (_, k) => {
      let sum = 0;
      for (let i = 0; i < D; i++) sum += components.data[c * D + i] * (p[k * D + i]! - removed.data[i]);
      return sum;
    });
  return {
    x: "component 1",
    y: "component 2",
    note: ` The first two principal components of the states, which hold ${formatNumber(100 * (explained[0]! + explained[1]!))} % of their variance.`,
    project: (p: Float64Array) => ({ x: score(p, 0), y: score(p, 1) }),
  };
}

/** A saddle has modes that grow and modes that decay. */
const stabilityOf = (p: FixedPoint): Stability =>
  p.stable ? "stable" : p.indexUnstable < p.rates.length ? "saddle" : "unstable";

/** Trajectories, fixed points and cycles in the space of the states; undefined in one dimension. `states`: `[trial, sample, D]`. */
export function stateSpaceFigure(
  states: NDArray,
  coordinates: readonly string[],
  found: { fixed?: FixedPoints; cycles?: LimitCycle[] },
): Figure | undefined {
  const D = coordinates.length;
  const [trials, samples] = states.shape as [number, number];
  if (D < 2 || !Array.from(states.data.subarray(0, 3 * D)).every(Number.isFinite)) return undefined;
  const plane = planeOf(states, coordinates);
  const shown = Math.max(1, Math.min(trials, 12, Math.floor(8000 / samples)));
  const layers: Layer[] = Array.from(
    { length: shown },
    (_, k): Layer => ({
      kind: "line",
      name: trials === 1 ? "trajectory" : "trajectories",
      color: "gray",
      opacity: 0.7,
      width: 1,
      arrow: samples < 400,
      ...plane.project(Float64Array.from(states.data.subarray(k * samples * D, (k + 1) * samples * D))),
    }),
  );
  for (const cycle of found.cycles ?? [])
    layers.push({ kind: "line", name: "limit cycle", color: "green", width: 2.2, ...plane.project(cycle.states) });
  if (found.fixed) {
    const at = (points: { x: Float64Array }[]) => plane.project(Float64Array.from(points.flatMap((p) => [...p.x])));
    const fixed = at(found.fixed.points);
    const slow = at(found.fixed.slow);
    layers.push(
      ...fixedPointLayers(
        [...fixed.x, ...slow.x],
        [...fixed.y, ...slow.y],
        [...found.fixed.points.map(stabilityOf), ...found.fixed.slow.map((): Stability => "slow")],
      ),
    );
  }
  return {
    title: "State space",
    caption: `${trials === 1 ? "The trajectory" : `${shown} of ${trials} trajectories`}${found.fixed ? ", with fixed points" : ""}${found.cycles?.length ? " and limit cycles" : ""}.${plane.note}`,
    panels: [{ x: { label: plane.x }, y: { label: plane.y }, layers, aspect: 0.75 }],
  };
}

/** Eigenvalues at fixed points, a panel for each; of more than six one of each number of unstable modes, at most six. */
export function spectraFigure(points: FixedPoint[], kind: "flow" | "map", clock: Clock): Figure {
  const numbered = points.map((p, i) => ({ p, number: i + 1 }));
  const kinds = numbered.filter(({ p }, i) => points.findIndex((q) => q.indexUnstable === p.indexUnstable) === i);
  const shown = points.length > 6 ? kinds.slice(0, 6) : numbered;
  return {
    title: "Spectra",
    caption: `Eigenvalues of the Jacobian at ${points.length === 1 ? "the fixed point" : "fixed points"}${points.length > shown.length ? ", one of each number of unstable modes" : ""}; ${kind === "flow" ? "right of the dashed line" : "outside the circle"} they belong to modes that grow.`,
    panels: shown.map(({ p, number }) => ({
      ...(points.length > 1 && { title: `point ${number}: ${p.indexUnstable} unstable` }),
      x: { label: "Re λ", ...(kind === "flow" && { unit: perTime(clock) }) },
      y: { label: "Im λ", ...(kind === "flow" && { unit: perTime(clock) }) },
      equal: kind === "map",
      aspect: 0.8,
      layers: [
        stabilityLimit(kind),
        {
          kind: "points" as const,
          name: "eigenvalues",
          color: "blue" as const,
          size: 3,
          x: p.eigenvalues.re,
          y: p.eigenvalues.im,
        },
      ],
    })),
    columns: 3,
    share: "both",
  };
}

/** Fixed points as rows: residual, unstable modes, the fastest growing (or slowest decaying) mode with its time and frequency. */
export function fixedPointTable(found: FixedPoints, clock: Clock): Block {
  return {
    kind: "table",
    caption: `Of each point the leading mode: the one that grows fastest, or else decays slowest. Time constants in ${clock.unit} (negative: grows), frequencies in ${clock.frequencyUnit}.`,
    columns: ["point", "|F|", "stable", "unstable modes", "degree", "leading eigenvalue", "time constant", "frequency"],
    rows: found.points
      .slice(0, 40)
      .map((p, i) => [
        i + 1,
        p.residual,
        p.stable ? "yes" : "no",
        p.indexUnstable,
        p.degree,
        complex(p.eigenvalues.re[0]!, p.eigenvalues.im[0]!),
        p.timeConstants[0]!,
        Math.abs(p.frequencies[0]!) * clock.perUnit,
      ]),
  };
}

export const complex = (re: number, im: number): string =>
  im === 0 ? formatNumber(re, 5) : `${formatNumber(re, 5)} ± ${formatNumber(Math.abs(im), 5)} i`;

/** The leading mode in words: its rate, and its frequency where it turns. */
export function leadingMode(p: FixedPoint, clock: Clock): string {
  const time = p.timeConstants[0]!;
  const turn =
    p.frequencies[0]! === 0
      ? ""
      : ` turning at ${formatNumber(Math.abs(p.frequencies[0]!) * clock.perUnit, 4)} ${clock.frequencyUnit}`;
  const how =
    Math.abs(time) > 1e12
      ? "neither grows nor decays"
      : `${time < 0 ? "grows" : "decays"} with a time constant of ${formatNumber(Math.abs(time), 4)} ${clock.unit}`;
  return `the leading mode${turn} ${how}`;
}
