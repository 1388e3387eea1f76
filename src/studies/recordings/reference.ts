/**
 * Reference values of one real recording (Churchland & Shenoy, motor cortex; as distributed in gamaleldin/TME), computed
 * independently in NumPy, and the checks that hold this program against them. Differences are between neighbouring
 * samples, R² is about 0.
 */
import {
  type Check,
  check,
  fitLinearDynamics,
  jpca,
  type NDArray,
  pca,
  quantile,
  type Recording,
  selectTime,
  tangling,
  timesOf,
} from "../../index.ts";
import type { Window } from "./geometry.ts";

const source = "independent NumPy computation on this recording";

/** Windows that the reference values refer to. */
export const referenceWindows: { rotation: Window[]; tangling: Window[] } = {
  rotation: [150, 200, 350].map((to) => ({ from: -50, to })),
  tangling: [{ from: -50, to: 350, ends: "excluded" }],
};

/** Whether this is that recording: 10 conditions × 61 times × 50 neurons of motor cortex, −50 to 550 ms in steps of 10. */
export function isMonkeyReach({ name, activity, start, dt, conditions, smoothing }: Recording): boolean {
  return (
    name === "dataTensor" &&
    activity.shape.join() === "10,61,50" &&
    start === -50 &&
    dt === 10 &&
    smoothing === 0 &&
    conditions.condition !== undefined
  );
}

/** Linear dynamics, jPCA and tangling of the recording, each required to the digits of its reference value. */
export function referenceChecks(recording: Recording): Check[] {
  const { activity, dt } = recording;
  const times = timesOf(recording);
  const part = (w: Window): NDArray => selectTime(activity, times, [w.from, w.to], { ends: w.ends }).activity;
  const row = (id: string, what: string, paper: number, digits: number, measured: number): Check =>
    check({
      id,
      what,
      paper,
      source,
      criterion: digits === 0 ? "equal when rounded" : `equal to ${digits} decimals`,
      measured: Number(measured.toFixed(digits + 2)),
      n: activity.shape[0]!,
      // A last digit may be rounded either way.
      holds: Math.abs(measured - paper) <= 0.51 * 10 ** -digits,
    });
  const between = part(referenceWindows.tangling[0]!);
  const { oneStepR2, explained } = fitLinearDynamics(between, { components: 10 });
  const { q } = tangling(pca(between, { components: 8 }).scores, { dt: dt / 1000 });
  const values = [
    { to: 150, r2: 0.427, skew: 0.286, ratio: 0.67 },
    { to: 200, r2: 0.489, skew: 0.382 },
    { to: 350, r2: 0.401, skew: 0.357, ratio: 0.891 },
  ];
  return [
    row("linear-r2", "linear dynamics, 10 components, −50 < t < 350 ms: R² of differences", 0.504, 4, oneStepR2),
    row("linear-variance", "variance that these 10 components hold", 0.85, 3, explained),
    ...values.flatMap(({ to, r2, skew, ratio }) => {
      const found = jpca(part({ from: -50, to }), { dt });
      const id = `jpca-${to}`;
      const what = `jPCA, 6 components, −50 to ${to} ms:`;
      return [
        row(`${id}-r2`, `${what} R²`, r2, 3, found.r2),
        row(`${id}-skew`, `${what} R² of the skew-symmetric fit`, skew, 3, found.r2Skew),
        ...(ratio === undefined ? [] : [row(`${id}-ratio`, `${what} their ratio`, ratio, 3, found.ratio)]),
        ...(to === 150
          ? [row(`${id}-frequency`, `${what} fastest plane, Hz`, 1.25, 2, found.planes[0]!.frequency)]
          : []),
      ];
    }),
    row("tangling-median", "tangling, 8 components, −50 < t < 350 ms: median, s⁻²", 419, 0, quantile(q.data, 0.5)),
    row("tangling-p90", "90th percentile, s⁻²", 897, 0, quantile(q.data, 0.9)),
    row("tangling-max", "maximum, s⁻²", 1700, 0, quantile(q.data, 1)),
  ];
}
