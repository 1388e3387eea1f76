/** Context-dependent integration (Mante, Sussillo et al. 2013): trained, taken apart, held against the paper. */
import {
  makeNetwork, type Network, networks, type Outcome, type Stage, type Study, type StudyContext, tasks, withValues,
} from "../../index.ts"; // biome-ignore format: a list
import { psychophysics } from "./behaviour.ts";
import { contextChecks } from "./checks.ts";
import { dissect } from "./dissection.ts";
import { regressions } from "./regression.ts";
import { contextSections } from "./report.ts";

export const context: Study = {
  name: "context",
  title: "Context-dependent integration",
  description:
    "Trains the network of Mante, Sussillo et al. 2013 and takes it apart: line attractors, selection vectors, TDR.",
  composition:
    "leaky rate units with state noise · dense · context-dependent integration · backpropagation through time, Adam",
  minutes: 2.5,
  fast: {
    settings: {
      units: "50",
      coarse: "400",
      medium: "100",
      fine: "0",
      trials: "500",
      refinedTrials: "100",
      starts: "128",
    },
    checks: [],
  },
  tiny: { units: "8", coarse: "2", medium: "0", fine: "0", batch: "4", trials: "16", refinedTrials: "8", starts: "8" },
  settings: {
    units: { value: 100, what: "number of units N" },
    gain: { value: 0.8, what: "gain of the recurrent weights before training: J ~ N(0, gain²/N)" },
    inputGain: { value: 1, what: "gain of the input weights before training" },
    stateNoise: { value: 0.1, what: "state noise rho_x: adds (rho_x/tau) sqrt(dt) n per step" },
    rates: { value: 0.15, what: "weight of the mean square rate in the objective" },
    coarse: { value: 2000, what: "iterations at dt = 5 ms, the rate falling to a quarter" },
    medium: { value: 600, what: "iterations at dt = 5 ms, at that quarter" },
    fine: { value: 500, what: "iterations at dt = 1 ms, at that quarter" },
    batch: { value: 128, what: "trials per iteration" },
    rate: { value: 0.002, what: "learning rate of the first stage" },
    trials: { value: 10000, what: "test trials per strength and context" },
    refinedTrials: { value: 1000, what: "test trials per strength and context at dt/4" },
    starts: { value: 512, what: "starts of the search for fixed points, per context" },
  },
  task: () => ({ task: "contextIntegration", options: {} }),
  async run(run: StudyContext): Promise<Outcome> {
    const task = tasks.contextIntegration();
    // The same task with its noise in the trials, where trials of opposite evidence can share it.
    const training = tasks.contextIntegration({ noise: "inputs", antithetic: true });
    const initial = makeNetwork(
      { ...networks.contextNetwork, parameters: withGains(run) },
      { seed: run.seed, sizes: { N: run.number("units") } },
    );
    const rate = run.number("rate");
    const stage = (name: "coarse" | "medium" | "fine", dt: number, from: number, average: boolean): Stage => {
      const iterations = run.number(name);
      return {
        iterations,
        batch: run.number("batch"),
        dt,
        clip: 1,
        rate: { kind: "cosine", rate: from, to: rate / 4, over: iterations },
        ...(average && { average: iterations }),
      };
    };
    // The first stage travels; the others stay about an optimum, and what is kept is where they were on average.
    const stages = [
      stage("coarse", 5, rate, false),
      stage("medium", 5, rate / 4, true),
      stage("fine", 1, rate / 4, true),
    ].filter((stage) => stage.iterations > 0);
    const trained = await run.train("training", withNoise(initial, training.noisePerInput), training, {
      stages,
      penalties: [{ name: "rates", weight: run.number("rates"), terms: ["r * r"] }],
      validateEvery: 100,
      validationTrials: 1024,
    });
    const network = withNoise(trained.network, task.noisePerInput);
    const { message } = trained;
    run.say("testing behaviour");
    const behaviour = await psychophysics(run, network, task);
    run.say("taking the network apart in both contexts");
    const anatomy = await dissect(run, network, task);
    run.say("targeted dimensionality reduction");
    const regression = await regressions(run, network, task);
    const checks = contextChecks(behaviour, anatomy, regression);
    const failed = checks.filter((c) => c.verdict === "fail").length;
    return {
      verdict:
        failed === 0
          ? "The network integrates the evidence that the context names and ignores the other; it does so along one slow line per context, by a selection vector aligned with the relevant input."
          : `The network was trained and taken apart; ${failed} of the checks against the paper fail.`,
      checks,
      sections: await contextSections(run, { network, task, behaviour, anatomy, regression, stages, message }),
      numbers: { behaviour: behaviour.numbers, anatomy: anatomy.numbers, regression: regression.numbers },
      network,
    };
  },
};

/** The network with the noise of a task's inputs in its equations. */
function withNoise(network: Network, noisePerInput: number[]): Network {
  return withValues(network, { s: { data: Float64Array.from(noisePerInput), shape: [noisePerInput.length] } });
}

function withGains(run: StudyContext) {
  const { J, B, rho_x, ...rest } = networks.contextNetwork.parameters;
  return {
    ...rest,
    rho_x: { ...rho_x, value: run.number("stateNoise") },
    J: { ...J, init: { law: "gaussian" as const, gain: run.number("gain") } },
    B: { ...B, init: { law: "gaussian" as const, gain: run.number("inputGain") } },
  };
}
