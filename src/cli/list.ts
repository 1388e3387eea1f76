/** `nullcline list`: what there is by name. */
import type { Command } from "commander";
import { NullclineError } from "../base/errors.ts";
import type { NetworkData } from "../equations/network.ts";
import * as networks from "../networks/index.ts";
import { studies } from "../studies/index.ts";
import { makeTask, tasks } from "../tasks/index.ts";
import type { Shell } from "./main.ts";
import { networkNames } from "./network.ts";

interface Entry {
  name: string;
  what: string;
  source?: string;
  /** Of a study, on two cores. */
  minutes?: number;
}

const duration = (minutes: number | undefined): string =>
  minutes === undefined
    ? "not timed"
    : `${minutes < 1 ? "under a minute" : minutes === 1 ? "1 minute" : `${minutes} minutes`} on 2 cores`;

export function addList(program: Command, shell: Shell): void {
  program
    .command("list")
    .description("lists networks, tasks and studies; with a name, more about that one")
    .argument("[name]", "a study (its settings), a task (its channels) or a network (its equations)")
    .option("--json", "prints JSON")
    .action((name: string | undefined, flags: { json?: boolean }) => {
      const { terminal } = shell.host;
      const found = name === undefined ? all() : about(name);
      if (flags.json) terminal.line(JSON.stringify(found, null, 2));
      else for (const line of name === undefined ? index() : lines(found)) terminal.line(line);
    });
}

const networkEntry = (name: string): Entry => {
  const data = (networks as Record<string, NetworkData>)[name]!;
  return {
    name,
    what: data.description ?? data.source ?? data.equations.split("\n")[0]!,
    ...(data.source && { source: data.source }),
  };
};
const taskEntry = (name: string): Entry => {
  const { description, source } = makeTask(name);
  return { name, what: description, ...(source && { source }) };
};

const all = (): Record<string, unknown> => ({
  networks: networkNames.map(networkEntry),
  tasks: Object.keys(tasks).map(taskEntry),
  studies: Object.values(studies).map(
    ({ name, description, minutes }): Entry => ({ name, what: `${description} (${duration(minutes)})`, minutes }),
  ),
});

function index(): string[] {
  return Object.entries(all() as Record<string, Entry[]>).flatMap(([kind, entries]) => {
    const width = Math.max(...entries.map((e) => e.name.length));
    return [kind, ...entries.map((e) => `  ${e.name.padEnd(width)}  ${e.what}`), ""];
  });
}

function about(name: string): Record<string, unknown> {
  if (Object.hasOwn(studies, name)) {
    const { title, description, composition, minutes, settings } = studies[name]!;
    return { study: name, title, description, composition, takes: duration(minutes), settings };
  }
  if (Object.hasOwn(tasks, name)) {
    const { description, source, inputs, outputs, dt, unit, epochs, conditions } = makeTask(name);
    return { task: name, description, ...(source && { source }), inputs, outputs, dt, unit, epochs, conditions };
  }
  if (networkNames.includes(name)) return { network: name, ...(networks as Record<string, NetworkData>)[name] };
  throw new NullclineError({
    code: "name",
    given: `nothing is called \`${name}\``,
    expected: [...Object.keys(studies), ...Object.keys(tasks), ...networkNames].join(", "),
  });
}

function lines(found: Record<string, unknown>): string[] {
  return Object.entries(found).flatMap(([key, value]) => {
    if (value === undefined) return [];
    if (key === "settings") {
      const settings = value as (typeof studies)[string]["settings"];
      const width = Math.max(...Object.keys(settings).map((k) => k.length));
      return [
        "settings",
        ...Object.entries(settings).map(
          ([k, s]) => `  ${k.padEnd(width)}  ${s.what} (default ${JSON.stringify(s.value)})`,
        ),
      ];
    }
    if (key === "equations")
      return [
        "equations",
        ...String(value)
          .split("\n")
          .map((line) => `  ${line}`),
      ];
    if (key === "parameters")
      return ["parameters", ...Object.entries(value as object).map(([k, p]) => `  ${k}  ${JSON.stringify(p)}`)];
    return [`${key}  ${typeof value === "string" ? value : JSON.stringify(value)}`];
  });
}
