import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { ServedProcess } from '@fairway/protocol/pods';
import {
  type TestContainerd,
  TestPod,
  openTestContainerd,
  skipWithoutContainerd,
} from '@fairway/node-agent/testing';
import { percentile } from '../server/load/percentile.ts';

const podCount = 20;
const execCount = 20;
const forwardedBytes = 256 * 1024 * 1024;
const streams = { stdin: true, stdout: true, stderr: true, tty: false };

/** What pods in containerd take, and what of the CPU time is this process's own. */
export async function runNodeBench(): Promise<void> {
  const missing = await skipWithoutContainerd();
  if (missing !== false) return console.log(missing);
  await using containerd = await openTestContainerd();
  await measurePods(containerd);
  await using pod = await TestPod.start(containerd);
  const container = await pod.run('sleep 1000');
  await measureExec(containerd, container);
  await measurePort(containerd, pod);
}

async function measurePods(containerd: TestContainerd): Promise<void> {
  const start = async (): Promise<TestPod> => {
    const pod = await TestPod.start(containerd);
    await pod.run('sleep 1000');
    return pod;
  };
  const pods: TestPod[] = [];
  const one = await sampled(podCount, async () => void pods.push(await start()));
  print('a pod of one container until it runs, one after the other', one);
  const looks = await sampled(20, async () => void (await containerd.runtime.listPods()));
  print(`a look at ${podCount} pods that go on`, looks);
  const end = async (): Promise<void> => {
    await Promise.all(pods.splice(0).map((pod) => pod[Symbol.asyncDispose]()));
  };
  await end();
  const startAll = async (): Promise<void> => {
    pods.push(...(await Promise.all(Array.from({ length: podCount }, start))));
  };
  print(`${podCount} pods at once, until the last one runs`, await sampled(3, startAll, end));
}

async function measureExec({ runtime, client }: TestContainerd, id: string): Promise<void> {
  const stream = sampled(execCount, async () => {
    await runtime.exec(id, ['true'], streams)(silentCaller);
  });
  print('exec of `true` with its streams', await stream);
  const bounds = { timeoutMs: 60_000, outputBytesMax: 1_000 };
  const toEnd = sampled(
    execCount,
    async () => void (await runtime.execToEnd(id, ['true'], bounds)),
  );
  print('… without streams, as a probe', await toEnd);
  const address = ['--address', client.socketPath, '--namespace', 'k8s.io'];
  const ctr = [...address, 'tasks', 'exec', '--exec-id', 'bench', id, 'true'];
  const peer = sampled(execCount, async () => void (await promisify(execFile)('ctr', ctr)));
  print('… by ctr, the command of containerd', await peer);
}

async function measurePort({ runtime }: TestContainerd, pod: TestPod): Promise<void> {
  const make = `mkdir /www && dd if=/dev/zero of=/www/big bs=1M count=${forwardedBytes / 1024 / 1024}`;
  await pod.run(`${make} 2>/dev/null && httpd -f -p 127.0.0.1:8080 -h /www`, { name: 'web' });
  const fetchBig = async (): Promise<{ readonly firstMs: number; readonly allMs: number }> => {
    const started = performance.now();
    const stream = await runtime.connectPort(pod.sandboxId, 8080);
    await stream.write(Buffer.from('GET /big HTTP/1.0\r\n\r\n'));
    let firstMs: number | undefined;
    let bytes = 0;
    for await (const chunk of stream.incoming) {
      firstMs ??= performance.now() - started;
      bytes += chunk.length;
    }
    if (bytes < forwardedBytes) throw new Error(`only ${bytes} bytes came through`);
    return { firstMs: firstMs ?? Number.NaN, allMs: performance.now() - started };
  };
  await untilAnswered(fetchBig);
  const firsts: number[] = [];
  const all = await sampled(5, async () => void firsts.push((await fetchBig()).firstMs));
  print(`${forwardedBytes / 1024 / 1024} MiB through a forwarded port`, all);
  const perSecond = forwardedBytes / 1_000 / percentile(all.wallMs, 0.5);
  console.log(
    `  that is ${perSecond.toFixed(0)} MB/s; the first byte after ${firsts.map((ms) => ms.toFixed(1)).join(', ')} ms`,
  );
}

async function untilAnswered(ask: () => Promise<unknown>): Promise<void> {
  for (;;) {
    try {
      return void (await ask());
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

interface Samples {
  readonly wallMs: readonly number[];
  /** Of this process, each. */
  readonly cpuMs: number;
}

/** `after`: what follows each run and is not measured. */
async function sampled(
  count: number,
  run: () => Promise<void>,
  after: () => Promise<void> = async () => {},
): Promise<Samples> {
  const wallMs: number[] = [];
  let cpuUs = 0;
  for (let at = 0; at < count; at += 1) {
    const before = process.cpuUsage();
    const started = performance.now();
    await run();
    wallMs.push(performance.now() - started);
    const { user, system } = process.cpuUsage(before);
    cpuUs += user + system;
    await after();
  }
  return { wallMs, cpuMs: cpuUs / 1_000 / count };
}

function print(what: string, { wallMs, cpuMs }: Samples): void {
  const [p50, p95] = [0.5, 0.95].map((share) => percentile(wallMs, share).toFixed(1));
  console.log(`${what}: p50 ${p50} ms, p95 ${p95} ms; CPU of this process ${cpuMs.toFixed(1)} ms`);
}

const silentCaller: ServedProcess = {
  stdin: nothing(),
  sizes: nothing(),
  stdout: async () => {},
  stderr: async () => {},
  signal: new AbortController().signal,
};

async function* nothing(): AsyncGenerator<never, undefined> {}
