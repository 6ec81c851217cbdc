/** The highest score that a plugin may give. */
export const scoreMax = 100;

/** The highest becomes 100 and the others keep their share of it. */
export function highestIsBest(scores: Float64Array): void {
  const highest = highestOf(scores);
  if (highest === 0) return;
  for (let at = 0; at < scores.length; at++) {
    scores[at] = Math.floor((scoreMax * (scores[at] ?? 0)) / highest);
  }
}

/** None becomes 100, and the highest 0. */
export function highestIsWorst(scores: Float64Array): void {
  const highest = highestOf(scores);
  for (let at = 0; at < scores.length; at++) {
    scores[at] =
      highest === 0 ? scoreMax : scoreMax - Math.floor((scoreMax * (scores[at] ?? 0)) / highest);
  }
}

function highestOf(scores: Float64Array): number {
  let highest = 0;
  for (const score of scores) if (score > highest) highest = score;
  return highest;
}
