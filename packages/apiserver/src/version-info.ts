/**
 * What `/version` says: the release of Kubernetes whose API this is. Clients compare the minor
 * version with their own and look into `gitVersion` for who answers.
 */
export function versionInfo(platform: string): Readonly<Record<string, string>> {
  return {
    major: '1',
    minor: '36',
    emulationMajor: '1',
    emulationMinor: '36',
    minCompatibilityMajor: '1',
    minCompatibilityMinor: '35',
    gitVersion: 'v1.36.2+fairway',
    gitCommit: '0000000000000000000000000000000000000000',
    gitTreeState: 'clean',
    buildDate: '2026-11-22T00:00:00Z',
    goVersion: 'none (Node.js)',
    compiler: 'none',
    platform,
  };
}
