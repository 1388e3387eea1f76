/**
 * The twenty rules of Yang et al. 2019 as three families: go towards or away from a stimulus, decide between two, compare
 * two that are a delay apart.
 */
import type { TaskSpec, Variables } from "./defineTask.ts";

/** In the order of their inputs. */
export const rules = [
  "fdgo", "reactgo", "delaygo", "fdanti", "reactanti", "delayanti",
  "dm1", "dm2", "contextdm1", "contextdm2", "multidm",
  "delaydm1", "delaydm2", "contextdelaydm1", "contextdelaydm2", "multidelaydm",
  "dmsgo", "dmsnogo", "dmcgo", "dmcnogo",
] as const; // biome-ignore format: a table
export type Rule = (typeof rules)[number];

export type Family =
  | { kind: "go"; timing: "fd" | "react" | "delay"; anti: boolean }
  /** Which modality counts; with `context` both show stimuli, with `multi` both count. */
  | { kind: "decide"; timing: "at once" | "delay"; modality: 1 | 2; form: "single" | "context" | "multi" }
  | { kind: "match"; timing: "delay"; category: boolean; goOn: "match" | "nonmatch" };

export function familyOf(rule: Rule): Family {
  const go = /^(fd|react|delay)(go|anti)$/.exec(rule);
  if (go) return { kind: "go", timing: go[1] as "fd" | "react" | "delay", anti: go[2] === "anti" };
  const match = /^dm([sc])(go|nogo)$/.exec(rule);
  if (match)
    return {
      kind: "match",
      timing: "delay",
      category: match[1] === "c",
      goOn: match[2] === "go" ? "match" : "nonmatch",
    };
  const form = rule.startsWith("context") ? "context" : rule.startsWith("multi") ? "multi" : "single";
  return {
    kind: "decide",
    timing: rule.includes("delay") ? "delay" : "at once",
    modality: rule.endsWith("2") ? 2 : 1,
    form,
  };
}

const [delays, short, tenth] = [[200, 400, 800, 1600], [200, 400, 600], Math.PI / 10];
/** Locations of the categories: 0.1 π, 0.3 π, … 1.9 π; the first five are one category. */
const locations = Array.from({ length: 10 }, (_, i) => (2 * i + 1) * tenth);

/** The variables of a trial, and what follows from them. */
export function laws(drawn: readonly number[], contextWeight: number): Pick<TaskSpec, "variables" | "derived"> {
  const by = (v: Variables) => familyOf(rules[v.rule]!);
  const isContext = (rule: number) => rules[rule] === "contextdm1" || rules[rule] === "contextdm2";
  const isDecision = (v: Variables) => by(v).kind === "decide";
  const coherence = (v: Variables) => {
    const sizes = by(v).timing === "delay" ? [0.08, 0.16, 0.32] : [0.01, 0.02, 0.04, 0.08];
    return { choice: [...sizes, ...sizes.map((c) => -c)] };
  };
  return {
    variables: {
      rule: {
        oneOf: rules.map((_, i) => i),
        weights: rules.map((_, i) => (drawn.includes(i) ? (isContext(i) ? contextWeight : 1) : 0)),
      },
      modality: { oneOf: [1, 2] },
      testModality: { oneOf: [1, 2] },
      angle: (v) => (isCategory(by(v)) ? { choice: locations } : { uniform: [0, 2 * Math.PI] }),
      // From the first stimulus to the second, around the circle; unused where they match.
      distance: (v) =>
        isCategory(by(v))
          ? { choice: locations.map((location) => location - tenth) }
          : { uniform: isDecision(v) ? [Math.PI / 2, (3 * Math.PI) / 2] : [Math.PI / 9, (17 * Math.PI) / 9] },
      match: { oneOf: [0, 1] },
      strength: { uniform: [0.8, 1.2] },
      evidence: coherence,
      otherStrength: { uniform: [0.8, 1.2] },
      otherEvidence: coherence,
      // Where both modalities count: by how much the favoured one shows each of the two stimuli stronger than the other one.
      split1: { uniform: [0.2, 0.8] },
      split2: { uniform: [0.2, 0.8] },
      favours1: { oneOf: [1, -1] },
      favours2: { oneOf: [1, -1] },
      before: (v) => {
        const { kind, timing } = by(v);
        if (kind === "go")
          return timing === "fd"
            ? { uniform: [300, 700] }
            : timing === "react"
              ? { uniform: [500, 2500] }
              : { choice: [300, 500, 700] };
        return kind === "decide" && timing === "at once" ? { uniform: [100, 400] } : { choice: short };
      },
      stimulus: (v) => {
        const { kind, timing } = by(v);
        if (kind === "go" && timing !== "delay") return timing === "fd" ? { uniform: [500, 1500] } : 0;
        return { choice: timing === "at once" ? [400, 800, 1600] : short };
      },
      delay: (v) => (by(v).timing === "delay" ? { choice: delays } : 0),
      test: (v) => (isDecision(v) && by(v).timing === "delay" ? { choice: short } : 0),
      wait: (v) => (isDecision(v) && by(v).timing === "delay" ? { uniform: [100, 300] } : 0),
      response: (v) => (isCategory(by(v)) ? { choice: short } : 500),
    },
    derived: { go: (v) => Number(responds(v)), answer: (v) => answerOf(v) },
  };
}

const isCategory = (family: Family): boolean => family.kind === "match" && family.category;
const turned = (angle: number): number => ((angle % (2 * Math.PI)) + 2 * Math.PI) % (2 * Math.PI);

/** The angle of the second stimulus. */
function second(v: Variables, family: Family): number {
  const same = family.kind === "match" && !family.category && v.match === 1;
  return turned(same ? v.angle : v.angle + v.distance);
}

function responds(v: Variables): boolean {
  const family = familyOf(rules[v.rule]!);
  if (family.kind !== "match") return true;
  const isMatch = family.category ? v.angle < Math.PI === second(v, family) < Math.PI : v.match === 1;
  return isMatch === (family.goOn === "match");
}

function answerOf(v: Variables): number {
  const family = familyOf(rules[v.rule]!);
  if (family.kind === "go") return turned(v.angle + (family.anti ? Math.PI : 0));
  if (family.kind === "match") return second(v, family);
  const evidence = family.form === "context" && family.modality === 2 ? v.otherEvidence : v.evidence;
  return evidence > 0 ? turned(v.angle) : second(v, family);
}

interface Shown {
  modality: number;
  angle: number;
  strength: number;
}

/** What is shown. Stages: 0 before, 1 first stimulus, 2 delay, 3 second stimulus, 4 response. */
export function shownIn(v: Variables, family: Family, stage: number): Shown[] {
  if (family.kind === "go") {
    const stages = { fd: [1, 4], react: [4], delay: [1] }[family.timing];
    return stages.includes(stage) ? [{ modality: v.modality, angle: v.angle, strength: 1 }] : [];
  }
  if (family.kind === "match") {
    if (stage === 1) return [{ modality: v.modality, angle: v.angle, strength: 1 }];
    return stage === 4 ? [{ modality: v.testModality, angle: second(v, family), strength: 1 }] : [];
  }
  const delayed = family.timing === "delay";
  const has = [stage === 1, delayed ? stage === 3 : stage === 1];
  const angles = [v.angle, second(v, family)];
  return angles.flatMap((angle, i) => {
    if (!has[i]) return [];
    const sign = i === 0 ? 1 : -1;
    const own = v.strength + sign * v.evidence;
    if (family.form === "single") return [{ modality: family.modality, angle, strength: own }];
    const split = i === 0 ? v.split1 * v.favours1 : v.split2 * v.favours2;
    const strengths =
      family.form === "multi"
        ? [own * (1 + split / 2), own * (1 - split / 2)]
        : [own, v.otherStrength + sign * v.otherEvidence];
    return strengths.map((strength, m) => ({ modality: m + 1, angle, strength }));
  });
}
