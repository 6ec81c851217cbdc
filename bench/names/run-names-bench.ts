import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { admin, startTestServer } from '@fairway/apiserver/testing';
import { createClient } from '@fairway/client';
import { seededRandom } from '@fairway/host/testing';
import { Service } from '@fairway/kinds/core/v1';
import { runNames } from '@fairway/network';

// The range of services of the test server has room for no more.
const serviceCount = 200;
const questionCount = 60_000;
const asker = fileURLToPath(new URL('ask-names.ts', import.meta.url));

/** How many questions for names are answered with a second of CPU, and how long they wait. */
export async function runNamesBench(): Promise<void> {
  await using server = await startTestServer();
  const { api, clock } = server;
  const random = seededRandom(1);
  const client = createClient({ transport: api.handlerFor(admin), clock, random });
  for (let at = 0; at < serviceCount; at++) {
    const metadata = { name: `web-${at}`, namespace: 'default' };
    await client.create(Service, { metadata, spec: { ports: [{ port: 80 }] } });
  }
  const stopping = new AbortController();
  const listening = Promise.withResolvers<number>();
  const running = runNames(
    {
      handlerFor: api.handlerFor,
      clock,
      random,
      logger: {
        debug() {},
        info: (_, fields) => listening.resolve(Number(fields?.['port'])),
        warn() {},
        error: console.error,
      },
      clusterDomain: 'cluster.local',
      serviceAddress: '10.0.0.10',
      keepsService: true,
      listen: { address: '127.0.0.1', port: 0 },
      upstreams: async () => [],
    },
    stopping.signal,
  );
  const port = await listening.promise;
  for (const windowSize of [1, 16, 64]) {
    await measure(port, windowSize);
  }
  stopping.abort();
  await running;
}

async function measure(port: number, windowSize: number): Promise<void> {
  const before = process.cpuUsage();
  const started = performance.now();
  const args = [...process.execArgv, asker, port, questionCount, windowSize].map(String);
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const { user, system } = process.cpuUsage(before);
  const { p50, p99 } = JSON.parse(stdout) as { readonly p50: number; readonly p99: number };
  const perCpuSecond = questionCount / ((user + system) / 1e6);
  const perSecond = questionCount / ((performance.now() - started) / 1e3);
  console.log(
    `${windowSize} questions at once: ${perCpuSecond.toFixed(0)} answers per CPU second, ` +
      `${perSecond.toFixed(0)} a second, p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms`,
  );
}
