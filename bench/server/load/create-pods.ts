import { cpuMsOf } from '../process-usage.ts';
import { podJson } from './objects.ts';
import { percentile } from './percentile.ts';
import { type LoadTarget, serveLoad } from './run-load.ts';
import { type Session, openSession, requestOk, requestText } from './session.ts';

export interface CreateOptions extends LoadTarget {
  readonly pods: number;
  /** Each with a connection of its own, and one request at a time. */
  readonly clients: number;
  readonly namePrefix: string;
}

export interface CreateResult {
  readonly createsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly cpuMsEach: number;
}

await serveLoad<CreateOptions>(async ({ address, pid, pods, clients, namePrefix }) => {
  const path = '/api/v1/namespaces/default/pods';
  const sessions = await Promise.all(Array.from({ length: clients }, () => openSession(address)));
  await makeServiceAccount(sessions[0]);
  const latenciesMs: number[] = [];
  let next = 0;
  const cpuMs = cpuMsOf(pid);
  const startMs = performance.now();
  const work = sessions.map(async ({ http2 }) => {
    while (next < pods) {
      const body = podJson(`${namePrefix}-${String(next++).padStart(6, '0')}`);
      const sentMs = performance.now();
      await requestOk(http2, { path, method: 'POST', body });
      latenciesMs.push(performance.now() - sentMs);
    }
  });
  await Promise.all(work);
  const elapsedMs = performance.now() - startMs;
  return {
    createsPerSecond: (pods * 1000) / elapsedMs,
    p50Ms: percentile(latenciesMs, 0.5),
    p99Ms: percentile(latenciesMs, 0.99),
    cpuMsEach: (cpuMsOf(pid) - cpuMs) / pods,
  } satisfies CreateResult;
});

/** Pods need one; it is there already where controllers run. */
async function makeServiceAccount(session: Session | undefined): Promise<void> {
  if (session === undefined) return;
  const body = JSON.stringify({ metadata: { name: 'default' } });
  const path = '/api/v1/namespaces/default/serviceaccounts';
  const { status, text } = await requestText(session.http2, { path, method: 'POST', body });
  if (status !== 201 && status !== 409) throw new Error(`POST ${path}: ${status} ${text}`);
}
