/** `nullcline simulate FILE`: a network or a textbook ODE left to run. */
import type { Command } from "commander";
import { makeNetwork } from "../networks/network.ts";
import { commandLine } from "../studies/commandLine.ts";
import { runStudy } from "../studies/runStudy.ts";
import { simulateStudy } from "../studies/simulate.ts";
import { finish } from "./finish.ts";
import type { Shell } from "./main.ts";
import { loadNetwork, type NetworkFlags, networkOptions, requireNumbers } from "./network.ts";
import { type RunFolderFlags, repeated, runFolderOptions, seedOf, studySettings, vectors } from "./options.ts";

interface SimulateFlags extends NetworkFlags, RunFolderFlags {
  initial: string[];
  input: string[];
  duration?: string;
  dt?: string;
  method?: string;
  trials?: string;
}

export function addSimulate(program: Command, shell: Shell): void {
  const command = program
    .command("simulate")
    .description("runs a network from its initial state; plots trajectories and the spectrum at rest")
    .argument("<network>", "a built-in name, a .json file, or a plain text of equations (.eq, .txt)");
  runFolderOptions(networkOptions(command))
    .option("--initial <state=values>", "initial value of a state: x=1,2,3; may be repeated", repeated, [] as string[])
    .option("--input <input=values>", "constant value of an input: u=0,0,1; may be repeated", repeated, [] as string[])
    .option("--duration <time>", "length; default: 50 times the longest time constant")
    .option("--dt <step>", "time step; default: a tenth of the shortest time constant, 1 for a map")
    .option("--method <name>", "euler, heun, rk4 or adaptive; default: rk4 where the text allows it")
    .option("--trials <n>", "runs that differ in their noise")
    .action(async (what: string, flags: SimulateFlags) => {
      const { data, files } = await loadNetwork(shell, what, flags);
      requireNumbers(data, what);
      const seed = seedOf(flags.seed);
      const network = makeNetwork(data, { seed });
      const [inputs, initial] = [vectors(flags.input, "--input"), vectors(flags.initial, "--initial")];
      const finished = await runStudy(simulateStudy(network, { inputs, initial }), {
        ...{ host: shell.host, signal: shell.signal, seed, out: flags.out, quiet: flags.quiet || flags.json },
        settings: studySettings({ duration: flags.duration, dt: flags.dt, method: flags.method, trials: flags.trials }),
        specification: { network: data, inputs, initial, files },
        command: commandLine("simulate", [what], { ...flags, seed: String(seed) }),
      });
      finish(shell, finished, flags);
    });
}
