/** Where trajectories settled, in words and pictures. */
import { type Figure, formatNumber, type LimitCycle, type Settling } from "../index.ts";
import type { Clock } from "./portrait.ts";
import type { NetworkSystem } from "./trajectory.ts";

export const plural = (n: number, what: string): string => `${n} ${what}${n === 1 ? "" : "s"}`;

/** `Of 16 trajectories, 14 settle on a limit cycle, 2 on a fixed point`. */
export function outcomes(settled: Settling[]): string {
  const counts = (["limit cycle", "fixed point", "unsettled", "diverged"] as const).map(
    (kind) => [kind, settled.filter((s) => s.kind === kind).length] as const,
  );
  const words = {
    "limit cycle": "settle on a limit cycle",
    "fixed point": "settle on a fixed point",
    unsettled: "do not settle on either",
    diverged: "diverge",
  };
  return `Of ${plural(settled.length, "trajectory").replace("trajectorys", "trajectories")}, ${counts
    .filter(([, n]) => n > 0)
    .map(([kind, n]) => `${n} ${words[kind]}`)
    .join(", ")}`;
}

export function cycleSentences(cycles: { cycle: LimitCycle; trajectories: number }[], clock: Clock): string[] {
  return cycles.map(
    ({ cycle: c, trajectories }) =>
      `Limit cycle of period ${formatNumber(c.period, 5)} ${clock.unit} (${formatNumber(clock.perUnit / c.period, 4)} ${clock.frequencyUnit}), on which ${plural(trajectories, "trajectory").replace("trajectorys", "trajectories")} settle${trajectories === 1 ? "s" : ""}${c.loops > 1 ? ` after ${c.loops} loops each time` : ""}; over ${plural(c.periods, "period")} states repeat to ${formatNumber(100 * c.residual, 2)} % of its size.`,
  );
}

/** One period of each cycle: its outputs, or its coordinates where there are none. */
export function cycleFigure(
  cycles: LimitCycle[],
  system: NetworkSystem,
  outputs: string[],
  dt: number,
  clock: Clock,
): Figure {
  return {
    title: "One period",
    caption: `${outputs.length > 0 ? "Outputs" : "The first coordinates"} over the last period of each limit cycle.`,
    panels: cycles.slice(0, 4).map((cycle, k) => {
      const T = cycle.states.length / system.dimension;
      const series = (outputs.length > 0 ? outputs : [""]).flatMap((name) => {
        const data = name === "" ? cycle.states : system.output(cycle.states, name);
        const width = data.length / T;
        return Array.from({ length: Math.min(width, 3) }, (_, i) => ({
          name: name === "" ? system.coordinates[i]! : width === 1 ? name : `${name}[${i}]`,
          y: Float64Array.from({ length: T }, (_, t) => data[t * width + i]!),
        }));
      });
      return {
        ...(cycles.length > 1 && { title: `cycle ${k + 1}` }),
        x: { label: "time", unit: clock.unit },
        y: { label: outputs.length > 0 ? "output" : "state" },
        layers: series.map(({ name, y }, i) => ({
          kind: "line" as const,
          name,
          color: series.length === 1 ? "blue" : { ordered: i / (series.length - 1) },
          x: y.map((_, t) => t * dt),
          y,
        })),
      };
    }),
  };
}
