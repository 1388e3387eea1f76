/** Context-dependent integration (Mante, Sussillo et al. 2013): trained, taken apart, held against the paper. */
import { makeNetwork, networks, type Outcome, type Stage, type Study, type StudyContext, tasks } from "../../index.ts";
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
  settings: {
    units: { value: 100, what: "number of units N" },
    gain: { value: 1, what: "gain of the recurrent weights before training: J ~ N(0, gain²/N)" },
    inputGain: { value: 1, what: "gain of the input weights before training" },
    stateNoise: { value: 0.1, what: "state noise rho_x: adds (rho_x/tau) sqrt(dt) n per step" },
    rates: { value: 0.15, what: "weight of the mean square rate in the objective" },
    coarse: { value: 2000, what: "iterations at dt = 5 ms" },
    medium: { value: 1500, what: "iterations at dt = 5 ms, lower rate" },
    fine: { value: 250, what: "iterations at dt = 1 ms" },
    batch: { value: 128, what: "trials per iteration" },
    refineBatch: {
      value: 256,
      what: "trials per iteration in the later stages: less noise in the gradient, less leakage",
    },
    rate: { value: 0.002, what: "learning rate of the first stage" },
    trials: { value: 10000, what: "test trials per strength and context" },
    refinedTrials: { value: 1000, what: "test trials per strength and context at dt/4" },
    starts: { value: 512, what: "starts of the search for fixed points, per context" },
  },
  async run(run: StudyContext): Promise<Outcome> {
    const task = tasks.contextIntegration();
    const initial = makeNetwork(
      { ...networks.contextNetwork, parameters: withGains(run) },
      { seed: run.seed, sizes: { N: run.number("units") } },
    );
    const rate = run.number("rate");
    const batch = run.number("batch");
    const refineBatch = run.number("refineBatch");
    const stage = (name: "coarse" | "medium" | "fine", of: number, dt: number, from: number, to: number): Stage => {
      const iterations = run.number(name);
      return { iterations, batch: of, dt, clip: 1, rate: { kind: "cosine", rate: from, to, over: iterations } };
    };
    const stages: Stage[] = [
      stage("coarse", batch, 5, rate, rate / 4),
      stage("medium", refineBatch, 5, rate / 4, rate / 40),
      stage("fine", refineBatch, 1, rate / 20, rate / 100),
    ].filter((stage) => stage.iterations > 0) as Stage[];
    const { network, message } = await run.train("training", initial, task, {
      stages,
      penalties: { rates: { of: "r", weight: run.number("rates") } },
      validateEvery: 100,
      validationTrials: 1024,
    });
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

function withGains(run: StudyContext) {
  const { J, B, rho_x, ...rest } = networks.contextNetwork.parameters;
  return {
    ...rest,
    rho_x: { ...rho_x, value: run.number("stateNoise") },
    J: { ...J, init: { law: "gaussian" as const, gain: run.number("gain") } },
    B: { ...B, init: { law: "gaussian" as const, gain: run.number("inputGain") } },
  };
}
