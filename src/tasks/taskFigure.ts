/**
 * The picture of a task: one trial of each of its conditions.
 */
import type { Figure, Layer, Panel } from "../figures/figure.ts";
import { formatNumber } from "../figures/number.ts";
import type { Task, Trials } from "./trials.ts";

export interface TaskFigureOptions {
  /** Default 1. */
  seed?: number;
  /** Default: the task's own. */
  dt?: number;
  /** Conditions to show, a trial each. Default: the task's examples. */
  conditions?: readonly Readonly<Record<string, number>>[];
  /** At most so many trials. Default 8. */
  trials?: number;
}

/** From so many channels of one name with numbers on, they are drawn as a heat map. */
const many = 6;
/** With more lanes than this, those that are 0 in every trial shown are left out. */
const crowded = 8;

interface Channel {
  name: string;
  index: number;
  kind: "input" | "output";
}

/**
 * Test trials, one of each condition: inputs, targets where they count (dashed elsewhere: free), epochs as lines where they
 * begin. Channels that are many of one name (rings, place cells) are heat maps beside the others.
 * @throws NullclineError where the task does not take the conditions
 */
export function taskFigure(task: Task, options: TaskFigureOptions = {}): Figure {
  const { seed = 1, dt } = options;
  const asked = options.conditions ?? task.examples ?? [{}];
  const shown = (asked.length > 0 ? asked : [{}]).slice(0, options.trials ?? 8);
  const drawn = shown.map((conditions, k) =>
    task.trials({ seed, count: 1, firstTrial: k, dt, purpose: "test", conditions }),
  );
  const channels = (names: readonly string[], kind: Channel["kind"]) =>
    grouped(names).map(({ stem, first, count }) => ({
      stem,
      count,
      channel: { name: names[first]!, index: first, kind },
    }));
  const groups = [...channels(task.inputs, "input"), ...channels(task.outputs, "output")];
  const heats = groups.filter(({ count }) => count > 1);
  let lanes = groups.filter(({ count }) => count === 1).map(({ channel }) => channel);
  if (lanes.length > crowded) lanes = lanes.filter((channel) => drawn.some((trials) => moves(trials, channel)));
  const ranges = new Map(heats.map(({ channel, count }) => [channel, rangeOf(drawn, channel, count)]));
  const panels = drawn.flatMap((trials, k): Panel[] => [
    ...(lanes.length > 0 ? [lanesPanel(task, trials, lanes, titleOf(shown[k]!))] : []),
    ...heats.map(({ stem, count, channel }) => heatPanel(task, trials, stem, count, channel, ranges.get(channel)!)),
  ]);
  const perTrial = panels.length / drawn.length;
  return {
    title: `Trials of ${task.name}`,
    caption:
      `${task.description} ${drawn.length === 1 ? "One trial" : `${drawn.length} trials, one of each condition`}: inputs, and ` +
      "targets (dashed, where they count). Vertical lines: where epochs begin.",
    panels,
    columns: columnsOf(perTrial > 1 ? perTrial : drawn.length),
  };
}

/** So many that rows are full: three panels fit side by side. */
const columnsOf = (panels: number): number => (panels === 4 ? 2 : Math.min(3, panels));

/** The least and the greatest value of a group of channels over all trials shown. */
function rangeOf(drawn: readonly Trials[], channel: Channel, count: number): [number, number] {
  let [low, high] = [0, 1e-9];
  for (const trials of drawn)
    for (let i = 0; i < count; i++)
      for (const value of valuesOf(trials, { ...channel, index: channel.index + i }))
        if (!Number.isNaN(value)) [low, high] = [Math.min(low, value), Math.max(high, value)];
  return [low, high];
}

function lanesPanel(task: Task, trials: Trials, lanes: readonly Channel[], title: string): Panel {
  const { time } = samplesOf(trials);
  const layers = lanes.flatMap((channel, lane): Layer[] => {
    const y = valuesOf(trials, channel);
    if (channel.kind === "input") return [{ kind: "line", lane, name: "input", color: "blue", step: true, x: time, y }];
    // A line does not show a sample that counts alone.
    const alone = [...y.keys()].filter((t) => !Number.isNaN(y[t]!) && isGap(y[t - 1]) && isGap(y[t + 1]));
    const dots: Layer[] =
      alone.length === 0
        ? []
        : [
            {
              kind: "points",
              size: 2.5,
              lane,
              name: "target",
              color: "ink",
              x: alone.map((t) => time[t]!),
              y: alone.map((t) => y[t]!),
            },
          ];
    return [{ kind: "line", lane, name: "target", color: "ink", dash: "dashed", x: time, y }, ...dots];
  });
  const starts = Object.entries(trials.events ?? {})
    .filter(([, at]) => at[0]! > 0)
    .map(([, at]): Layer => ({ kind: "rule", axis: "x", at: at[0]!, dash: "dotted", guide: true, color: "gray" }));
  return {
    ...(title && { title }),
    x: { label: "time", unit: task.unit },
    y: { label: "", lanes: lanes.map(({ name, kind }) => ({ name: kind === "output" ? `${name} →` : name })) },
    layers: [...starts, ...layers],
    aspect: Math.min(1.8, 0.3 + 0.12 * lanes.length),
  };
}

function heatPanel(
  task: Task,
  trials: Trials,
  stem: string,
  count: number,
  channel: Channel,
  domain: [number, number],
): Panel {
  const { time, samples, dt } = samplesOf(trials);
  const values = new Float64Array(count * samples);
  for (let i = 0; i < count; i++) values.set(valuesOf(trials, { ...channel, index: channel.index + i }), i * samples);
  return {
    title: channel.kind === "output" ? `${stem} → (target)` : stem,
    x: { label: "time", unit: task.unit },
    y: { label: "channel" },
    layers: [
      {
        kind: "heat",
        values,
        rows: count,
        columns: samples,
        x: [0, (time.at(-1) ?? 0) + dt],
        y: [0.5, count + 0.5],
        label: stem,
        domain,
      },
    ],
    aspect: 0.8,
  };
}

function samplesOf({ dt, targets }: Trials) {
  const samples = targets.shape[1]!;
  return { dt, samples, time: Float64Array.from({ length: samples }, (_, t) => t * dt) };
}

/** A channel of a batch of one trial; a target is missing where it does not count. */
function valuesOf(trials: Trials, { kind, index }: Channel): Float64Array {
  const { samples } = samplesOf(trials);
  const from = kind === "input" ? trials.inputs : trials.targets;
  const width = from.shape[2]!;
  return Float64Array.from({ length: samples }, (_, t) => {
    const at = t * width + index;
    return kind === "output" && trials.mask.data[at] === 0 ? Number.NaN : from.data[at]!;
  });
}

const isGap = (value: number | undefined): boolean => value === undefined || Number.isNaN(value);

const moves = (trials: Trials, channel: Channel): boolean => {
  const values = valuesOf(trials, channel).filter((value) => !Number.isNaN(value));
  // Inputs that are noise alone do not tell anything.
  return channel.kind === "output" || values.reduce((a, b) => a + b, 0) / values.length > 0.25;
};

const titleOf = (conditions: Readonly<Record<string, number>>): string =>
  Object.entries(conditions)
    .map(([name, value]) => `${name} ${formatNumber(value, 3)}`)
    .join(", ");

/** Runs of channels `NAME1`, `NAME2`, …: those of at least `many` are one group, all others stand alone. */
function grouped(names: readonly string[]): { stem: string; first: number; count: number }[] {
  const groups: { stem: string; first: number; count: number }[] = [];
  for (let i = 0; i < names.length; ) {
    const stem = /^(.*\D)1$/.exec(names[i]!)?.[1];
    let count = 1;
    if (stem !== undefined) while (names[i + count] === `${stem}${count + 1}`) count++;
    if (count < many) count = 1;
    groups.push({ stem: count > 1 ? stem! : names[i]!, first: i, count });
    i += count;
  }
  return groups;
}
