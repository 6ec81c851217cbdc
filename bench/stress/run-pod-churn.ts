/**
 * `npm run stress:pods [-- --seed N --rounds N --network N]`: pods come and go while the agent, the API server and
 * containerd are killed; then every pod is to be as its spec asks, and after `fairway down` nothing is left.
 */
import { randomInt } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { churnPods } from '../../test/pod-churn/churn-pods.ts';
import { describeMachine } from '../machine.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(randomInt(1, 2 ** 31)) },
    rounds: { type: 'string', default: '200' },
    pods: { type: 'string', default: '10' },
    network: { type: 'string', default: '60' },
    /** Where the log of the cluster goes. */
    log: { type: 'string' },
  },
});
const [seed, rounds, podsMax, network] = [
  values.seed,
  values.rounds,
  values.pods,
  values.network,
].map(Number) as [number, number, number, number];
if (![seed, rounds, podsMax, network].every(Number.isSafeInteger)) {
  console.error('error: --seed, --rounds, --pods and --network take whole numbers');
  process.exit(1);
}
console.log(`seed ${seed}, ${rounds} rounds, ${describeMachine()}`);
const { problems, log } = await churnPods({
  seed,
  rounds,
  podsMax,
  network,
  say: (line) => console.log(line),
});
if (values.log !== undefined) await writeFile(values.log, log);
for (const problem of problems) console.log(`BROKEN: ${problem}`);
console.log(problems.length === 0 ? 'nothing was lost and nothing is left' : `seed ${seed}`);
process.exitCode = problems.length === 0 ? 0 : 1;
