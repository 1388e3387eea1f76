/** Whether a peer did the same work: its time counts only then. */

export const tolerance = 1e-4;

/** Largest difference of two lists of numbers; infinite where they are not of one length or not finite. */
export function difference(ours, theirs) {
  if (ours.length !== theirs.length || ours.length === 0) return Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let k = 0; k < ours.length; k++) {
    const apart = Math.abs(ours[k] - theirs[k]) / Math.max(1, Math.abs(ours[k]));
    if (!(apart <= largest)) largest = Number.isFinite(apart) ? apart : Number.POSITIVE_INFINITY;
  }
  return largest;
}

/** Losses or outputs agree to 1e-4, relative where they are larger than 1. */
export function sameNumbers(ours, theirs) {
  const apart = difference(ours, theirs);
  return { agrees: apart <= tolerance, says: `largest difference ${apart.toExponential(1)}` };
}

/** Every point that the peer found is one of ours, at most `distance` away. What it did not find is said. */
export function samePoints(ours, theirs, distance = 1e-3) {
  const apart = (a, b) => Math.hypot(...a.map((value, i) => value - b[i]));
  const strangers = theirs.filter((p) => !ours.some((q) => apart(p, q) <= distance)).length;
  return {
    agrees: theirs.length > 0 && strangers === 0,
    says: `${theirs.length} of ${ours.length} points${strangers > 0 ? `, ${strangers} not among ours` : ""}`,
  };
}
