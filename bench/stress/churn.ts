import { podJson } from '../server/load/objects.ts';
import { Caller, CutOffError, type Stress } from './stress.ts';

const pods = '/api/v1/namespaces/default/pods';
const callers = 8;

/** Creates pods, lists them, deletes them. */
export async function churn(stress: Stress, { count, name }: { count: number; name: string }) {
  await all(stress, count, (caller, at) =>
    caller.ask({ method: 'POST', path: pods, body: podJson(`${name}-${at}`) }),
  );
  await all(stress, 2, (caller) => caller.ask({ path: '/api/v1/pods' }));
  await all(stress, count, (caller, at) =>
    caller.ask({
      method: 'DELETE',
      path: `${pods}/${name}-${at}`,
      body: '{"gracePeriodSeconds":0}',
    }),
  );
}

/** Churns until the time is over. */
export async function runChurn(stress: Stress): Promise<void> {
  for (let round = 0; !stress.signal.aborted; round++) {
    await churn(stress, { count: 300, name: `churn-${round}` });
    stress.report.count('rounds of 300 pods');
  }
}

async function all(
  { server }: Stress,
  count: number,
  act: (caller: Caller, at: number) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  const work = Array.from({ length: callers }, async () => {
    await using caller = new Caller(server);
    while (next < count) {
      try {
        await act(caller, next++);
      } catch (error) {
        if (!(error instanceof CutOffError)) throw error;
      }
    }
  });
  await Promise.all(work);
}
