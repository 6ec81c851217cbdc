/**
 * Orders versions as clients should prefer them: stable before beta before alpha, newer first, and
 * last, by name, what is no Kubernetes version. For `Array.sort`.
 *
 * Source: Kubernetes documentation, CustomResourceDefinition versions, "Version priority".
 */
export function compareVersions(one: string, other: string): number {
  const left = parse(one);
  const right = parse(other);
  if (left === undefined || right === undefined) {
    if (left !== right) return left === undefined ? 1 : -1;
    return one < other ? -1 : 1;
  }
  return right.stage - left.stage || right.major - left.major || right.minor - left.minor;
}

const stages = { alpha: 0, beta: 1 } as const;
const stable = 2;

function parse(version: string): { stage: number; major: number; minor: number } | undefined {
  const match = /^v([1-9][0-9]*)(?:(alpha|beta)([1-9][0-9]*))?$/.exec(version);
  if (match === null) return undefined;
  const [, major, stage, minor = '0'] = match;
  const isUnstable = stage === 'alpha' || stage === 'beta';
  return { stage: isUnstable ? stages[stage] : stable, major: Number(major), minor: Number(minor) };
}
