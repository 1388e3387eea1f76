/**
 * One-choice maze: a goal is shown, and after a delay two directions, of which one leads towards it.
 * @source Achterberg, Akarca, Strouse, Duncan & Astle 2023, Nat. Mach. Intell. 5, 1369–1381, with the problems and the timing
 * of their demonstration
 */
import { defineTask } from "./defineTask.ts";
import { withDefaults } from "./options.ts";
import { strongest } from "./score.ts";
import { oneHot } from "./signal.ts";
import type { Task } from "./trials.ts";

export interface OneChoiceMazeOptions {
  /** Steps that the goal is shown, of the delay, and that the directions are shown. Default 20, 10, 20. */
  goal?: number;
  delay?: number;
  choices?: number;
  /** Standard deviation of the inputs in each step; the paper's 0.05 is in training only. Default 0. */
  noise?: number;
}

const defaults: Required<OneChoiceMazeOptions> = { goal: 20, delay: 10, choices: 20, noise: 0 };

const directions = ["left", "up", "right", "down"] as const;
/** Places of the goals on the maze's grid, and the eight problems: goal, the two directions offered, the right one. */
const goals = [7, 9, 17, 19];
const problems: readonly (readonly [number, string, string])[] = [
  [9, "ul", "u"], [9, "rd", "r"], [19, "ld", "d"], [17, "rd", "d"], [17, "ul", "l"], [7, "ur", "u"], [19, "lr", "r"], [7, "lr", "l"],
]; // biome-ignore format: a table
const number = (direction: string) => directions.findIndex((name) => name[0] === direction);

/**
 * The task. Inputs: `goal1 … goal4`, the goal, then `left`, `up`, `right`, `down`, the directions offered. Outputs of these
 * four names: 1 for the right one, else 0, in the last step; free before. Condition: `problem` (0 … 7). A choice is the
 * strongest output of the last step. By the directions alone, 5 of 8 can be right: those pairs that occur with
 * two goals (left or right, …) do not say which one it is.
 * @throws NullclineError for options that make no sense
 */
export function oneChoiceMaze(given: OneChoiceMazeOptions = {}): Task {
  const o = withDefaults("oneChoiceMaze", defaults, given);
  return defineTask({
    name: "oneChoiceMaze",
    description: "Take the one of two directions that leads towards a goal shown before a delay.",
    source: "Achterberg, Akarca, Strouse, Duncan & Astle 2023, Nat. Mach. Intell. 5, 1369–1381",
    dt: 1,
    unit: "step",
    inputs: { goal: 4, left: 1, up: 1, right: 1, down: 1 },
    outputs: { left: 1, up: 1, right: 1, down: 1 },
    variables: { problem: { oneOf: problems.map((_, i) => i) } },
    trial: ({ problem }) => {
      const [goal, offered, right] = problems[problem]!;
      const shown = Object.fromEntries([...offered].map((d) => [directions[number(d)]!, 1]));
      return [
        { name: "goal", lasts: o.goal, inputs: { goal: oneHot(4, goals.indexOf(goal)) } },
        { name: "delay", lasts: o.delay },
        { name: "choices", lasts: o.choices - 1, inputs: shown },
        { name: "answer", lasts: 1, inputs: shown, targets: { [directions[number(right)]!]: 1 }, weight: 1 },
      ];
    },
    noise: { std: o.noise },
    score: {
      what: "fraction of trials whose strongest output in the last step is the right direction",
      of: ({ v, channels }) =>
        strongest(directions.map((name) => channels(name)[0]!)) === number(problems[v.problem]![2]) ? 1 : 0,
      parts: ["problem"],
    },
  });
}
