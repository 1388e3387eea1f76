/**
 * Choice against evidence: the curve and its fit.
 */
import { NullclineError } from "../base/errors.ts";
import { normalCdf } from "../base/normal.ts";
import { requireLength } from "./activity.ts";

/** A fraction of trials with its binomial standard error `√(p (1 - p) / n)`. */
export interface Fraction {
  n: number;
  fraction: number;
  standardError: number;
}

export interface PsychometricPoint extends Fraction {
  /** Signed evidence. `fraction` is that of positive choices. */
  evidence: number;
}

export interface AccuracyPoint extends Fraction {
  /** |evidence|. `fraction` is that of choices whose sign is the evidence's. */
  strength: number;
}

export interface Psychometric {
  /** Value of the context; NaN where none was given. */
  context: number;
  /** One point for each value of the evidence, ascending. */
  curve: PsychometricPoint[];
  /** One point for each strength above 0, ascending. */
  accuracy: AccuracyPoint[];
  /** Trials without a choice (0 or NaN), left out. */
  undecided: number;
}

/**
 * Choices against signed evidence, within each context. Give the relevant evidence for performance and the irrelevant
 * one for how well it is ignored.
 * @param trials.choice one number per trial: positive or negative; 0 and NaN are no choice
 * @param trials.evidence signed evidence of each trial
 * @param trials.context context of each trial, default one for all
 * @returns one entry per context, ascending
 */
export function psychometric(trials: {
  choice: ArrayLike<number>;
  evidence: ArrayLike<number>;
  context?: ArrayLike<number>;
}): Psychometric[] {
  const { choice, evidence, context } = trials;
  const n = choice.length;
  requireLength(evidence, n, "values of the evidence", "choices");
  if (context) requireLength(context, n, "values of the context", "choices");

  const all = Array.from({ length: n }, (_, trial) => trial);
  const groups = groupBy(all, (trial) => context?.[trial] ?? Number.NaN);
  return groups.map(({ value, members }) => {
    const decided = members.filter((trial) => choice[trial] > 0 || choice[trial] < 0);
    const right = (trial: number) => choice[trial] > 0 === evidence[trial] > 0;
    return {
      context: value,
      curve: groupBy(decided, (trial) => evidence[trial]).map((group) => ({
        evidence: group.value,
        ...fraction(group.members, (trial) => choice[trial] > 0),
      })),
      accuracy: groupBy(
        decided.filter((trial) => evidence[trial] !== 0),
        (trial) => Math.abs(evidence[trial]),
      ).map((group) => ({ strength: group.value, ...fraction(group.members, right) })),
      undecided: members.length - decided.length,
    };
  });
}

function groupBy(trials: readonly number[], key: (trial: number) => number): { value: number; members: number[] }[] {
  const groups = new Map<number, number[]>();
  for (const trial of trials) {
    // Adding 0 makes -0 the same value as 0.
    const value = key(trial) + 0;
    const members = groups.get(value);
    if (members) members.push(trial);
    else groups.set(value, [trial]);
  }
  return [...groups].sort(([a], [b]) => a - b).map(([value, members]) => ({ value, members }));
}

function fraction(trials: readonly number[], yes: (trial: number) => boolean): Fraction {
  const n = trials.length;
  const p = trials.filter(yes).length / n;
  return { n, fraction: p, standardError: Math.sqrt((p * (1 - p)) / n) };
}

export interface ProbitFit {
  /** Evidence at which both choices are equally likely: μ. */
  bias: number;
  /** Standard deviation σ of the cumulative Gaussian: the evidence beyond the bias at which 84 % choose positive. */
  threshold: number;
  /** Standard errors of both, from the information matrix. */
  biasError: number;
  thresholdError: number;
  /** False where the evidence separates the choices perfectly: the likelihood then has no maximum. */
  converged: boolean;
  iterations: number;
}

/**
 * Cumulative Gaussian `P(positive) = Φ((evidence - μ) / σ)` of greatest binomial likelihood, each point weighted by
 * its number of trials. Fisher scoring on `Φ(a + b evidence)`; μ = -a/b, σ = 1/b.
 * @throws NullclineError where there are fewer than two values of evidence
 */
export function fitProbit(
  curve: readonly Pick<PsychometricPoint, "evidence" | "fraction" | "n">[],
  options: { maxIterations?: number; tolerance?: number } = {},
): ProbitFit {
  const { maxIterations = 100, tolerance = 1e-10 } = options;
  if (new Set(curve.map((point) => point.evidence)).size < 2)
    throw new NullclineError({
      code: "psychometric",
      given: `${curve.length} values of evidence`,
      expected: "two or more",
    });
  // Evidence in units of its own size: a and b are then of order 1 and one tolerance fits both.
  const size = Math.max(...curve.map((point) => Math.abs(point.evidence)));
  let a = 0;
  let b = 1;
  let [varianceA, varianceB, covariance] = [Number.NaN, Number.NaN, Number.NaN];
  let converged = false;
  let iterations = 0;
  while (iterations < maxIterations && !converged) {
    iterations++;
    let [scoreA, scoreB, aa, ab, bb] = [0, 0, 0, 0, 0];
    for (const { evidence, fraction: p, n } of curve) {
      const x = evidence / size;
      const below = normalCdf(a + b * x);
      const above = normalCdf(-a - b * x);
      const spread = below * above;
      if (spread === 0) continue;
      const slope = Math.exp(-0.5 * (a + b * x) ** 2) / Math.sqrt(2 * Math.PI);
      const score = (n * (p - below) * slope) / spread;
      const weight = (n * slope * slope) / spread;
      scoreA += score;
      scoreB += score * x;
      aa += weight;
      ab += weight * x;
      bb += weight * x * x;
    }
    const determinant = aa * bb - ab * ab;
    if (!(determinant > 1e-12 * aa * bb)) break;
    const stepA = (bb * scoreA - ab * scoreB) / determinant;
    const stepB = (aa * scoreB - ab * scoreA) / determinant;
    // A step of more than a standard deviation leaves the region in which the likelihood is nearly quadratic.
    const damping = Math.min(1, 2 / Math.max(Math.abs(stepA), Math.abs(stepB)));
    a += damping * stepA;
    b += damping * stepB;
    [varianceA, varianceB, covariance] = [bb / determinant, aa / determinant, -ab / determinant];
    converged = Math.abs(stepA) + Math.abs(stepB) < tolerance * (1 + Math.abs(a) + Math.abs(b));
  }
  // The gradients of μ = -a/b and of σ = 1/b.
  const biasVariance = varianceA / b ** 2 + (a ** 2 * varianceB) / b ** 4 - (2 * a * covariance) / b ** 3;
  return {
    bias: (-a / b) * size,
    threshold: size / b,
    biasError: Math.sqrt(biasVariance) * size,
    thresholdError: (Math.sqrt(varianceB) / b ** 2) * size,
    converged,
    iterations,
  };
}
