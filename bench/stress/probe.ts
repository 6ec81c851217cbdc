import { setTimeout as sleep } from 'node:timers/promises';
import { Caller, CutOffError, type Stress, configMaps } from './stress.ts';

const everyMs = 100;
const paths = ['/livez', `${configMaps}?limit=1`, '/api/v1/namespaces/default'];

/** Asks for little all the time: whatever others do, the answer must come. */
export async function runProbe({ server, report, signal }: Stress): Promise<void> {
  await using caller = new Caller(server);
  for (let turn = 0; !signal.aborted; turn++) {
    const path = paths[turn % paths.length] as string;
    try {
      await caller.session();
      const askedMs = performance.now();
      const { status, text } = await caller.ask({ path });
      report.measure('longest wait of a probe', performance.now() - askedMs, {
        limit: 1_000,
        unit: 'ms',
      });
      if (status !== 200) report.broken(`a probe of ${path} was answered ${status}: ${text}`);
    } catch (error) {
      if (!(error instanceof CutOffError)) throw error;
    }
    await sleep(everyMs);
  }
}
