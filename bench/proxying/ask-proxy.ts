import { Agent, request } from 'node:https';
import { percentile } from '../server/load/percentile.ts';
import { cpuMsOf } from '../server/process-usage.ts';
import { type ServerAddress, openSession, request as send, tlsOf } from '../server/load/session.ts';

/** What the load is told: whom to ask for what, by which HTTP, and whose CPU time to read. */
export interface AskOptions {
  readonly address: ServerAddress;
  readonly pid: number;
  readonly path: string;
  readonly isHttp2: boolean;
  readonly count: number;
  readonly atOnce: number;
}

export interface AskResult {
  readonly perSecond: number;
  readonly cpuUs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const options = JSON.parse(process.argv[2] ?? '{}') as AskOptions;
await using session = await openSession(options.address);
const agent = new Agent({ ...tlsOf(options.address), keepAlive: true, maxSockets: options.atOnce });

async function askHttp2(): Promise<number> {
  let bytes = 0;
  await send(session.http2, options, (chunk) => (bytes += chunk.length));
  return bytes;
}

async function askHttp1(): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const url = new URL(options.path, options.address.url);
  const asked = request(url, { agent }, (response) => {
    let bytes = 0;
    response.on('data', (chunk: Buffer) => (bytes += chunk.length));
    response.once('end', () => resolve(bytes));
  });
  asked.once('error', reject).end();
  return promise;
}

async function run(count: number): Promise<readonly number[]> {
  const waitedMs: number[] = [];
  let left = count;
  const ask = options.isHttp2 ? askHttp2 : askHttp1;
  const worker = async (): Promise<void> => {
    while (left-- > 0) {
      const startedMs = performance.now();
      const bytes = await ask();
      if (bytes !== 1024) throw new Error(`${bytes} bytes came instead of 1024`);
      waitedMs.push(performance.now() - startedMs);
    }
  };
  await Promise.all(Array.from({ length: options.atOnce }, worker));
  return waitedMs;
}

await run(Math.floor(options.count / 4)); // Until the code is compiled.
const cpuBeforeMs = cpuMsOf(options.pid);
const startedMs = performance.now();
const waitedMs = await run(options.count);
const result: AskResult = {
  perSecond: options.count / ((performance.now() - startedMs) / 1e3),
  cpuUs: ((cpuMsOf(options.pid) - cpuBeforeMs) * 1e3) / options.count,
  p50Ms: percentile(waitedMs, 0.5),
  p99Ms: percentile(waitedMs, 0.99),
};
agent.destroy();
process.send?.(result, undefined, undefined, () => process.exit(0));
