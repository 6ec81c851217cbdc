import { step } from '../step.ts';

/** The release of Kubernetes whose API this command knows. */
const knownMinor = 36;

/** The version of the server beside what this command knows. One step of a minor version is what Kubernetes supports. */
export const versionStep = step({
  name: 'version',
  exitCode: 18,
  needs: ['version'],
  async probe(_tools, { version: { gitVersion, minor } }) {
    const tried = 'the version of the server';
    const details = { server: gitVersion, serverMinor: minor, clientMinor: knownMinor };
    const apart = Math.abs(minor - knownMinor);
    if (apart <= 1) {
      return {
        finding: {
          status: 'ok',
          tried,
          found: `1.${minor} and 1.${knownMinor} go together`,
          details,
        },
      };
    }
    const found = `the server is 1.${minor}, ${apart} minor versions away from 1.${knownMinor}, which this command knows; one is supported`;
    const remedies = [`use a client of 1.${minor} for what is new or gone in between`];
    return { finding: { status: 'warning', tried, found, remedies, details } };
  },
});
