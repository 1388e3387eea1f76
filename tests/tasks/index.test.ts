import { describe, expect, test } from "vitest";
import { zeros } from "../../src/base/arrays.ts";
import { NullclineError } from "../../src/base/errors.ts";
import { checkTask, makeTask, matchTask, taskOfModule, tasks } from "../../src/tasks/index.ts";
import type { Task, TrialRequest, Trials } from "../../src/tasks/trials.ts";

describe("every task in the catalogue", () => {
  test.each(Object.keys(tasks))("%s is a task and says what it is", (name) => {
    const task = makeTask(name);
    expect(checkTask(task)).toBe(task);
    expect(task.name).toBe(name);
    expect(task.source).toBeTruthy();
    expect(JSON.parse(JSON.stringify(task.epochs))).toEqual(task.epochs);
  });

  test("names and options are checked", () => {
    expect(() => makeTask("flipflop")).toThrow(
      /^unknown task `flipflop`; expected contextChoice, .*; did you mean `flipFlop`\?$/,
    );
    expect(() => makeTask("toString")).toThrow(NullclineError);
    expect(() => makeTask("flipFlop", { bit: 2 })).toThrow("task `flipFlop` has no option `bit`");
    expect(() => makeTask("flipFlop", { bits: "two" })).toThrow('`bits` is "two"; expected a finite number');
    expect(() => makeTask("flipFlop", { firstPulse: 1 })).toThrow("expected true or false");
    expect(() => makeTask("contextIntegration", { strengths: "weak" })).toThrow("expected a list of numbers");
    const one = makeTask("contextIntegration", { strengths: 0.1 }).trials({ seed: 1, count: 9, purpose: "test" });
    expect([...new Set(one.conditions.motion!.map(Math.abs))]).toEqual([0.1]);
    expect(makeTask("flipFlop", { bits: 2 }).outputs.length).toBe(2);
  });
});

describe("a user's own task", () => {
  /** Two inputs, one output, three samples; trial k of a seed is filled with its number. */
  const own = (): Task => ({
    name: "own",
    description: "Does something.",
    inputs: ["a", "b"],
    outputs: ["z"],
    dt: 1,
    unit: "ms",
    epochs: [["all", 0, 3]],
    trials({ count, firstTrial = 0 }: TrialRequest): Trials {
      const inputs = zeros(count, 3, 2);
      const mask = zeros(count, 3, 1);
      inputs.data.forEach((_, j) => {
        inputs.data[j] = firstTrial + Math.floor(j / 6);
      });
      mask.data.fill(1);
      return { dt: 1, inputs, targets: zeros(count, 3, 1), mask, conditions: { side: new Float64Array(count) } };
    },
    behaviour: () => ({ score: 1, what: "nothing", n: 1, standardError: 0, parts: {} }),
  });
  const changed = (change: (trials: Trials) => unknown): Task => {
    const task = own();
    const { trials } = task;
    return { ...task, trials: (request) => ({ ...trials(request), ...(change(trials(request)) as object) }) };
  };

  test("passes as an object, a default export, an export `task`, or a function of options", () => {
    expect(checkTask(own()).name).toBe("own");
    expect(taskOfModule({ default: own() }, "own.mjs").name).toBe("own");
    expect(taskOfModule({ task: own() }, "own.mjs").name).toBe("own");
    const made = taskOfModule({ default: (options: object) => ({ ...own(), ...options }) }, "own.mjs", {
      name: "other",
    });
    expect(made.name).toBe("other");
  });

  test.each<[string, unknown, string]>([
    ["nothing", undefined, "missing in place of a task"],
    ["a number", 5, "5 in place of a task"],
    ["no name", { ...own(), name: undefined }, "`name` is missing"],
    ["a name twice", { ...own(), inputs: ["a", "a"] }, '`inputs` is ["a","a"]'],
    ["no outputs", { ...own(), outputs: [] }, "`outputs` is []"],
    ["a dt in words", { ...own(), dt: "1ms" }, '`dt` is "1ms"; expected a positive number'],
    ["no trials", { ...own(), trials: [] }, "`trials` is []; expected a function"],
    ["too few names", { ...own(), inputs: ["a"] }, "task `own` makes 2 inputs, names 1: a"],
    ["plain arrays", changed(() => ({ inputs: [[1]] })), "`inputs` of its trials is [[1]]"],
    ["two axes", changed(() => ({ targets: zeros(2, 3) })), "an object of shape [2, 3]"],
    ["a short mask", changed((t) => ({ mask: zeros(t.mask.shape[0]!, 2, 1) })), "`mask` is [2, 2, 1]"],
    ["one trial too many", changed(() => ({ inputs: zeros(3, 3, 2) })), "`inputs` is [3, 3, 2]"],
    [
      "a lie about the size",
      changed((t) => ({ inputs: { ...t.inputs, data: new Float64Array(5) } })),
      "5 numbers in `inputs`",
    ],
    ["NaN", changed((t) => ({ targets: { ...t.targets, data: t.targets.data.map(() => Number.NaN) } })), "not finite"],
    [
      "negative weights",
      changed((t) => ({ mask: { ...t.mask, data: t.mask.data.map(() => -1) } })),
      "negative weights",
    ],
    ["no weights", changed((t) => ({ mask: { ...t.mask, data: t.mask.data.map(() => 0) } })), "0 everywhere"],
    ["no conditions", changed(() => ({ conditions: undefined })), "no `conditions`"],
    ["short conditions", changed(() => ({ conditions: { side: [1] } })), "`side` has 1 values for 2 trials"],
    ["short events", changed(() => ({ events: { end: [1] } })), "the event `end` has 1 times for 2 trials"],
    ["a stray input", changed(() => ({ trialInputs: { y: zeros(1, 4) } })), "`trialInputs.y` is [1, 4] for 2 trials"],
    ["a stray state", changed(() => ({ initialState: { x: zeros(1, 4) } })), "`initialState.x` is [1, 4] for 2 trials"],
    [
      "a trial that depends on its batch",
      changed((t) => ({ targets: { ...t.targets, data: t.targets.data.map(() => t.mask.shape[0]!) } })),
      "trial 1 of a seed has other targets when it is drawn alone",
    ],
    ["no score", { ...own(), behaviour: () => ({ score: Number.NaN }) }, "`behaviour` of its own targets gives"],
    [
      "one that throws",
      {
        ...own(),
        trials: () => {
          throw new TypeError("oops");
        },
      },
      "`trials` threw TypeError: oops",
    ],
    [
      "one that scores by throwing",
      {
        ...own(),
        behaviour: () => {
          throw "no";
        },
      },
      "`behaviour` threw no",
    ],
    ["trials of nothing", { ...own(), trials: () => undefined }, "`inputs` of its trials is missing"],
  ])("%s is refused", (_, candidate, message) => {
    expect(() => checkTask(candidate, "own.mjs")).toThrow(NullclineError);
    expect(() => checkTask(candidate, "own.mjs")).toThrow(message);
    expect(() => checkTask(candidate, "own.mjs")).toThrow(/^own\.mjs: /);
  });
});

describe("a task and a network", () => {
  const task = makeTask("contextIntegration");

  test("fit by the number of channels", () => {
    matchTask(task, [{ name: "u", width: 4, size: "I" }], [{ name: "z", width: 1 }]);
    matchTask(
      task,
      [
        { name: "evidence", width: 2 },
        { name: "context", width: 2 },
      ],
      [{ name: "z", width: 1 }],
    );
  });

  test("or the error says what to set", () => {
    expect(() => matchTask(task, [{ name: "u", width: 6, size: "I" }], [{ name: "z", width: 1 }])).toThrow(
      "task `contextIntegration` makes 4 inputs, the network's `u` has 6; set `I: 4` or choose another task",
    );
    expect(() => matchTask(task, [{ name: "u", width: 4 }], [{ name: "z", width: 3, size: "O" }])).toThrow(
      "task `contextIntegration` asks for 1 outputs, the network's `z` has 3; set `O: 1` or choose another task",
    );
    expect(() => matchTask(task, [], [{ name: "z", width: 1 }])).toThrow("the network has no inputs");
    expect(() =>
      matchTask(
        task,
        [
          { name: "a", width: 2 },
          { name: "b", width: 3 },
        ],
        [],
      ),
    ).toThrow("`a` and `b` have 5");
  });
});
