/** The studies by name. A new one is one file (or folder) and one line here. */
import { closest, NullclineError } from "../base/errors.ts";
import { adaptation } from "./adaptation.ts";
import { adaptingPopulation } from "./adaptingPopulation.ts";
import { context } from "./context/index.ts";
import { cueSetGo } from "./cueSetGo.ts";
import { dale } from "./dale.ts";
import { ecg } from "./ecg.ts";
import { eProp } from "./eProp.ts";
import { excitationInhibition } from "./excitationInhibition.ts";
import { flipFlop } from "./flipFlop.ts";
import { force } from "./force.ts";
import { hornStudy } from "./horn.ts";
import { initialisation } from "./initialisation.ts";
import { lowRank } from "./lowRank.ts";
import { cycling, muscle } from "./muscles.ts";
import { pathIntegration } from "./pathIntegration.ts";
import { populationGating } from "./populationGating.ts";
import { predictiveCoding } from "./predictiveCoding.ts";
import { readySetGo } from "./readySetGo.ts";
import { recordings } from "./recordings/index.ts";
import { reservoirStudy } from "./reservoir.ts";
import { sequential } from "./sequential.ts";
import { sineGenerator } from "./sineGenerator.ts";
import { sofo } from "./sofo.ts";
import { spatial } from "./spatial.ts";
import type { Study } from "./study.ts";
import { twentyTasks } from "./twentyTasks.ts";

export const studies: Record<string, Study> = Object.fromEntries(
  [
    context,
    flipFlop,
    recordings,
    // Those of the literature, by name.
    adaptation,
    adaptingPopulation,
    cueSetGo,
    cycling,
    ecg,
    eProp,
    dale,
    excitationInhibition,
    force,
    hornStudy,
    initialisation,
    lowRank,
    muscle,
    pathIntegration,
    populationGating,
    predictiveCoding,
    readySetGo,
    reservoirStudy,
    sofo,
    sequential,
    sineGenerator,
    spatial,
    twentyTasks,
  ].map((study) => [study.name, study]),
);

/** @throws NullclineError where there is no such study. */
export function studyNamed(name: string): Study {
  if (Object.hasOwn(studies, name)) return studies[name]!;
  const like = closest(name, Object.keys(studies));
  throw new NullclineError({
    code: "study",
    given: `no study \`${name}\``,
    expected: Object.keys(studies).join(", "),
    remedy: like && `did you mean \`${like}\`?`,
  });
}
