/** Runs a study in a folder: specification, training with checkpoints, result, report. */
import type { NDArray } from "../base/arrays.ts";
import { NullclineError } from "../base/errors.ts";
import { driveAsync } from "../dynamics/incremental.ts";
import { writeNpz } from "../formats/npz.ts";
import {
  appendMetrics, appendTiming, createRun, openRun, pathIn, type Resumption, type Run, readMetrics, readResult, resumeRun, runFiles, writeAnalysis, writeCheckpoint,
  writeParameters, writeReport, writeResult,
} from "../formats/runFolder.ts"; // biome-ignore format: a list
import { type Check, type RunResult, statusOf } from "../formats/runSchemas.ts";
import { readSafetensors, writeSafetensors } from "../formats/safetensors.ts";
import { blasInUse, useBlas } from "../host/blas.ts";
import type { Host } from "../host/host.ts";
import { withValues } from "../networks/network.ts";
import { type Metrics, type TrainResult, type TrainState, train } from "../training/train.ts";
import { version } from "../version.ts";
import { commandLine } from "./commandLine.ts";
import { type Report, type Check as ReportCheck, renderReport } from "./report.ts";
import { reportFile, reportJson } from "./reportData.ts";
import { type SettingValue, type Study, type StudyContext, settingsOf } from "./study.ts";

export interface RunStudyOptions {
  host: Host;
  seed: number;
  /** `--set key=value`. */
  settings?: Record<string, string>;
  /** The reduced run that the study describes; settings given come on top. */
  fast?: boolean;
  /** Folder to make. Default: the next free under `runs/`. */
  out?: string;
  /** Folder of an interrupted run to continue; its specification is used. */
  resume?: string;
  quiet?: boolean;
  workers?: number;
  signal: AbortSignal;
  /** Beside the settings, what determines the result, e.g. hashes of the user's files. */
  specification?: Record<string, unknown>;
  /** The command that does the same again, for the report. Default: `nullcline run` with the study and its settings. */
  command?: string;
}

/** Thrown when the user interrupted; the run's folder can be resumed. */
export class Interrupted extends Error {
  readonly folder: string;
  readonly study: string;
  constructor(folder: string, study: string) {
    super(`interrupted; continue with --resume ${folder}`);
    this.folder = folder;
    this.study = study;
  }
}

export interface FinishedRun {
  path: string;
  result: RunResult;
}

/**
 * Runs a study, or goes on with one.
 * @throws NullclineError; Interrupted.
 */
export async function runStudy(study: Study, options: RunStudyOptions): Promise<FinishedRun> {
  const { host } = options;
  const relaxed = host.relaxedSimd();
  const blas = blasInUse();
  const facts = host.describe();
  let run: Run;
  let seed = options.seed;
  let settings: Record<string, SettingValue>;
  let { fast = false } = options;
  let resumption: Resumption | undefined;
  if (fast && !study.fast)
    throw new NullclineError({ code: "setting", given: `--fast, and \`${study.name}\` has no reduced run` });
  if (options.resume !== undefined) {
    run = await openRun(host.storage, options.resume);
    if (run.record.study !== study.name)
      throw new NullclineError({
        code: "resume",
        where: options.resume,
        given: `a run of \`${run.record.study}\``,
        expected: `one of \`${study.name}\``,
      });
    const done = await readResult(run);
    if (done)
      throw new NullclineError({
        code: "resume",
        where: options.resume,
        given: "this run has ended",
        remedy: "see its report, or start a new run",
      });
    if ((run.record.simd === "relaxed") !== relaxed)
      throw new NullclineError({
        code: "resume",
        where: options.resume,
        given: `a run with ${run.record.simd} SIMD on a runtime with ${relaxed ? "relaxed" : "strict"}`,
        remedy: "resume it on the runtime that began it",
      });
    sameLibrary(run.record.blas, options.resume);
    seed = run.record.seed;
    settings = run.record.specification.settings as Record<string, SettingValue>;
    fast = run.record.specification.fast === true;
    resumption = await resumeRun(run);
  } else {
    settings = settingsOf(study, { ...(fast && study.fast?.settings), ...options.settings });
    run = await createRun(
      host.storage,
      {
        study: study.name,
        seed,
        specification: {
          settings,
          ...(fast && { fast }),
          ...(study.task && { task: study.task(settings) }),
          ...options.specification,
        },
        versions: { nullcline: version },
        simd: relaxed ? "relaxed" : "strict",
        ...(blas && { blas: blas.description }),
        runtime: facts.runtime,
        processor: facts.processor,
      },
      { out: options.out },
    );
  }
  const say = (text: string): void => {
    if (!options.quiet) host.terminal.line(text);
  };
  say(`${study.title} · seed ${seed}${fast ? " · reduced" : ""}`);
  const context = contextOf(run, study, { ...options, seed, settings, relaxed, resumption, say });
  const began = host.now();
  const cpuBegan = host.cpuTime();
  const total = (): Promise<void> => {
    const cpu = host.cpuTime();
    return appendTiming(run, {
      phase: "total",
      seconds: (host.now() - began) / 1000,
      ...(cpu !== undefined && cpuBegan !== undefined && { cpuSeconds: (cpu - cpuBegan) / 1000 }),
    });
  };
  const outcome = await study.run(context).catch(async (error: unknown) => {
    const cancelled = options.signal.aborted && !(error instanceof NullclineError);
    const unused = (cancelled || error instanceof NullclineError) && options.resume === undefined;
    const gone = unused && (await removeUnused(run));
    if (!gone) await total();
    throw cancelled && !gone ? new Interrupted(run.path, study.name) : error;
  });
  const seconds = (host.now() - began) / 1000;
  if (outcome.network) {
    const { network } = outcome;
    await writeParameters(
      run,
      Object.fromEntries(Object.entries(network.parameters).map(([name, p]) => [name, p.values])),
      { equations: network.data.equations, network: JSON.stringify(network.data) },
    );
    await writeAnalysis(run, "network.json", `${JSON.stringify({ ...network.data, sizes: network.sizes }, null, 2)}\n`);
  }
  const checks = fast ? outcome.checks.map((c) => supported(study, c)) : outcome.checks;
  const result: RunResult = {
    study: study.name,
    seed,
    status: statusOf(checks),
    checks,
    summary: JSON.parse(JSON.stringify(outcome.numbers)),
  };
  const usual = settingsOf(study, (fast && study.fast?.settings) || {});
  const changed = Object.entries(settings).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(usual[name]),
  );
  const report: Report = {
    title: study.title,
    verdict: outcome.verdict,
    summary: outcome.summary,
    checks: checks.map(toReport),
    sections: outcome.sections,
    warnings: [...(fast ? [reduced] : []), ...(outcome.warnings ?? [])],
    run: {
      command:
        options.command ??
        commandLine("run", [study.name], { seed, fast, set: changed.map(([name, value]) => `${name}=${value}`) }),
      seed,
      version,
      simd: relaxed ? "relaxed" : "strict",
      runtime: facts.runtime,
      processor: facts.processor,
      more: {
        ...(run.record.blas !== undefined && { "linear algebra": run.record.blas }),
        "wall time": `${seconds.toFixed(0)} s`,
      },
    },
  };
  // The report as data: `nullcline report` makes the page from it again.
  await writeAnalysis(run, reportFile, reportJson(report));
  await writeReport(run, await renderReport(report));
  await total();
  await writeResult(run, result);
  return { path: run.path, result };
}

/** A run goes on with the library of the system that it began with, or without one as it began. */
function sameLibrary(began: string | undefined, folder: string): void {
  const now = blasInUse()?.description;
  if (began === undefined) useBlas("off");
  else if (began !== now)
    throw new NullclineError({
      code: "resume",
      where: folder,
      given: `a run with ${began}, and now ${now ?? "no library of the system"}`,
      remedy: "resume it with the library that began it: --blas PATH",
    });
}

/** A run that failed before there was a checkpoint or a result leaves nothing behind. @returns whether it is gone */
async function removeUnused(run: Run): Promise<boolean> {
  const { storage } = run;
  if (await storage.exists(pathIn(run, runFiles.result))) return false;
  if ((await storage.list(pathIn(run, runFiles.checkpoints))).length > 0) return false;
  return storage.remove(run.path).then(
    () => true,
    () => false,
  );
}

const reduced =
  "A reduced run (`--fast`): smaller than the study. Checks that this size cannot support are shown without a verdict.";

/** The check as a reduced run has it. */
const supported = (study: Study, c: Check): Check =>
  study.fast?.checks.includes(c.id) ? c : { ...c, verdict: "shown" };

const toReport = (c: Check): ReportCheck => ({
  id: c.id,
  what: c.what,
  ...(c.paper !== null && { paper: String(c.paper) }),
  ...(c.source !== "" && { source: c.source }),
  ...(c.criterion !== "" && { criterion: c.criterion }),
  ours: c.ours,
  measured: c.measured,
  ...(c.n !== null && { n: c.n }),
  ...(c.standardError !== null && { standardError: c.standardError }),
  verdict: c.verdict,
});

type ContextOptions = Omit<RunStudyOptions, "settings"> & {
  settings: Record<string, SettingValue>;
  relaxed: boolean;
  resumption?: Resumption;
  say: (text: string) => void;
};

/** Counters of a training, as a checkpoint's state. */
interface PhaseState {
  phase: string;
  /** Iterations of earlier phases: checkpoints are numbered through. */
  base: number;
  stage: number;
  inStage: number;
  trialsDrawn: number;
  recent: number[];
  [key: string]: unknown;
}

function contextOf(run: Run, study: Study, options: ContextOptions): StudyContext {
  const { host, seed, settings, relaxed, resumption, say, signal } = options;
  const workers = options.workers ?? Math.min(host.describe().cores, 4);
  const setting = (name: string): SettingValue => {
    if (!Object.hasOwn(settings, name)) throw new Error(`${study.name} declares no setting ${name}`);
    return settings[name]!;
  };
  let base = 0;
  const resumed = resumption?.checkpoint;
  return {
    seed,
    host,
    relaxed,
    workers,
    signal,
    number: (name) => setting(name) as number,
    text: (name) => setting(name) as string,
    flag: (name) => setting(name) as boolean,
    numbers: (name) => setting(name) as number[],
    say,
    progress: (text) => {
      if (!options.quiet) host.terminal.status(text);
    },
    analyse: (what, analysis) =>
      driveAsync(analysis, {
        signal,
        onProgress: ({ phase, done, total, found }) => {
          if (!options.quiet)
            host.terminal.status(`${what}: ${phase} ${done}/${total}${found > 0 ? `, ${found} found` : ""}`);
        },
      }),
    pause: async () => {
      await new Promise<void>((resolve) => setTimeout(resolve));
      signal.throwIfAborted();
    },
    metrics: async (phase) => (await readMetrics(run)).filter((line) => line.phase === phase),
    keep: async (name, arrays) => writeAnalysis(run, `${name}.npz`, await writeNpz(arrays)),
    read: (path) => host.storage.read(path),
    async train(phase, network, task, given) {
      const state = resumed?.state as PhaseState | undefined;
      // A phase that ended before the interruption is read, not run again.
      const file = pathIn(run, runFiles.analysis, `${phase}.safetensors`);
      if (options.resume !== undefined && (await host.storage.exists(file))) {
        const { tensors, metadata } = readSafetensors(await host.storage.read(file), { file });
        const ended = JSON.parse(metadata.result!) as Pick<
          TrainResult,
          "status" | "message" | "iterations" | "behaviour"
        >;
        base += ended.iterations;
        say(`${phase}: ended before the interruption`);
        return { ...ended, network: withValues(network, tensors) };
      }
      const here = state?.phase === phase && state.base === base ? resumed : undefined;
      const resume: TrainState | undefined =
        here && state
          ? {
              iteration: here.iteration - base,
              stage: state.stage,
              inStage: state.inStage,
              trialsDrawn: state.trialsDrawn,
              recent: state.recent,
              parameters: here.parameters as Record<string, NDArray<Float64Array>>,
              optimiser: here.optimiser as Record<string, NDArray<Float64Array>>,
              average: (here.average ?? {}) as Record<string, NDArray<Float64Array>>,
            }
          : undefined;
      if (resume) say(`resuming ${phase} at iteration ${resume.iteration}`);
      const began = host.now();
      const result = await train(network, task, {
        seed,
        ...given,
        host,
        workers,
        relaxed,
        signal,
        resume,
        onMetrics: (lines: Metrics[]) => appendMetrics(run, ...lines.map((line) => ({ phase, ...line }))),
        onCheckpoint: async (s) => {
          const state: PhaseState = {
            phase,
            base,
            stage: s.stage,
            inStage: s.inStage,
            trialsDrawn: s.trialsDrawn,
            recent: s.recent,
          };
          await writeCheckpoint(run, {
            iteration: base + s.iteration,
            parameters: s.parameters,
            optimiser: s.optimiser,
            average: s.average,
            state,
          });
        },
        onProgress: (p) => {
          const score = p.behaviour ? ` · score ${p.behaviour.score.toFixed(3)}` : "";
          const left = Number.isFinite(p.secondsLeft) ? ` · ${clock(p.secondsLeft)} left` : "";
          if (!options.quiet)
            host.terminal.status(
              `${phase}  ${bar(p.iteration / p.of)} ${p.iteration}/${p.of} · loss ${p.loss.toPrecision(3)}${score}${left}`,
            );
          given.onProgress?.(p);
        },
      });
      base += result.iterations;
      await appendTiming(run, { phase, seconds: (host.now() - began) / 1000, iterations: result.iterations });
      const { status, message, iterations, behaviour } = result;
      if (status === "criterion" || status === "iterations") {
        const values = Object.fromEntries(
          Object.entries(result.network.parameters).map(([name, p]) => [name, p.values]),
        );
        await writeAnalysis(
          run,
          `${phase}.safetensors`,
          writeSafetensors(values, { result: JSON.stringify({ status, message, iterations, behaviour }) }),
        );
      }
      if (result.status === "interrupted") throw new Interrupted(run.path, study.name);
      if (result.status === "diverged") {
        await writeResult(run, {
          study: study.name,
          seed,
          status: "failed",
          checks: [],
          summary: { diagnosis: result.message },
        });
        throw new NullclineError({ code: "diverged", where: run.path, given: result.message });
      }
      say(`${phase}: ${result.message}${result.behaviour ? `, score ${result.behaviour.score.toFixed(3)}` : ""}`);
      return result;
    },
  };
}

const bar = (share: number): string => {
  const full = Math.round(20 * Math.min(1, share));
  return `${"█".repeat(full)}${"░".repeat(20 - full)}`;
};
const clock = (seconds: number): string =>
  `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
