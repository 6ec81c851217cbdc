import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSession, requestOk } from '../server/load/session.ts';
import { end, startClusterProcess } from '../server/server-process.ts';
import type { AskOptions, AskResult } from './ask-proxy.ts';

const requests = 20_000;
const namespace = '/api/v1/namespaces/default';

/**
 * What `fairway up` takes to pass requests on to a service with one pod, beside answers of its own of the same
 * size, loaded from another process. The backend listens on an address of this machine that others reach,
 * since nobody is led to the others.
 */
export async function runProxyingBench(): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'fairway-bench-'));
  const host = publicAddress();
  const backend = fork(join(import.meta.dirname, 'backend.ts'), [host], { execArgv: [] });
  try {
    const [{ port }] = (await once(backend, 'message')) as [AddressInfo];
    const compileCache = join(directory, 'cache');
    const flags = ['--no-scheduler'];
    const nodeFlags = process.env['FAIRWAY_BENCH_NODE_FLAGS']?.split(' ') ?? [];
    await using cluster = await startClusterProcess({ directory, compileCache, flags, nodeFlags });
    const { address, pid } = cluster;
    await createService(address, { host, port });
    for (const [what, path] of [
      ['a service', `${namespace}/services/web/proxy/x`],
      ['a pod', `${namespace}/pods/web:${port}/proxy/x`],
    ] as const) {
      for (const isHttp2 of [true, false]) {
        for (const atOnce of [1, 16, 64]) {
          const asked = { address, pid, path, isHttp2, count: requests, atOnce };
          const { perSecond, cpuUs, p50Ms, p99Ms } = await ask(asked);
          console.log(
            `${what}, HTTP/${isHttp2 ? '2' : '1.1'}, ${atOnce} at once: ${perSecond.toFixed(0)} a second, ` +
              `${cpuUs.toFixed(0)} µs of CPU each, p50 ${p50Ms.toFixed(2)} ms, p99 ${p99Ms.toFixed(2)} ms`,
          );
        }
      }
    }
  } finally {
    await end(backend, 'SIGTERM');
    await rm(directory, { recursive: true });
  }
}

async function ask(options: AskOptions): Promise<AskResult> {
  const script = join(import.meta.dirname, 'ask-proxy.ts');
  const child = fork(script, [JSON.stringify(options)], { execArgv: [] });
  const exited = once(child, 'exit').then(([code]) => {
    throw new Error(`the load ended with code ${String(code)} and no result`);
  });
  exited.catch(() => {});
  const [result] = await Promise.race([once(child, 'message'), exited]);
  return result as AskResult;
}

async function createService(
  address: Parameters<typeof openSession>[0],
  { host, port }: { readonly host: string; readonly port: number },
): Promise<void> {
  await using session = await openSession(address);
  const send = (method: string, path: string, body: object): Promise<unknown> =>
    requestOk(session.http2, { method, path, body: JSON.stringify(body) });
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web' },
    spec: { automountServiceAccountToken: false, containers: [{ name: 'main', image: 'x' }] },
  };
  const status = { phase: 'Running', podIP: host, podIPs: [{ ip: host }] };
  await send('POST', `${namespace}/pods`, pod);
  await send('PUT', `${namespace}/pods/web/status`, { ...pod, status });
  await send('POST', `${namespace}/services`, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web' },
    spec: { ports: [{ port: 80 }] },
  });
  await send('POST', '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices', {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'web-1', labels: { 'kubernetes.io/service-name': 'web' } },
    addressType: 'IPv4',
    ports: [{ port }],
    endpoints: [
      { addresses: [host], targetRef: { kind: 'Pod', namespace: 'default', name: 'web' } },
    ],
  });
}

function publicAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const found = all.find(({ family, internal }) => family === 'IPv4' && !internal);
  if (found === undefined) throw new Error('this machine has no address that others reach');
  return found.address;
}
