import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { percentile } from '../server/load/percentile.ts';
import { cpuMsOf } from '../server/process-usage.ts';
import type { Asking } from './ask-proxy.ts';

const rounds = 5;

/** What is asked, by how many, for how long. */
export interface ProxyLoad extends Omit<Asking, 'port' | 'host'> {
  readonly name: string;
}

/** How a proxy is started: with this kubeconfig, on a port that it tells. */
export interface ProxyProgram {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
}

export interface Proxy {
  readonly name: string;
  readonly child: ChildProcess;
  readonly port: number;
  /** Where it has what is asked for, if not where the load says. */
  readonly place?: { readonly host: string; readonly path: string };
}

export async function startProxy(
  { name, command }: ProxyProgram,
  kubeconfig: string,
): Promise<Proxy> {
  const [file, ...args] = command;
  const child = spawn(file, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, KUBECONFIG: kubeconfig },
  });
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  return { name, child, port: Number(line.split(':').at(-1)) };
}

/** They take turns, so that both see the same machine. Ratios are medians of the ratios of each round. */
export async function measureInTurns(proxies: readonly Proxy[], load: ProxyLoad): Promise<void> {
  const seen = proxies.map(({ name }) => ({ name, samples: [] as Sample[] }));
  for (let round = 0; round < rounds; round++) {
    for (const [at, proxy] of proxies.entries()) seen[at]?.samples.push(await measure(proxy, load));
  }
  const theirs = seen[0]?.samples ?? [];
  const median = (values: readonly number[]): number => percentile(values, 0.5);
  for (const { name, samples } of seen) {
    const perSecond = median(samples.map((each) => each.perSecond));
    const cpuUs = median(samples.map((each) => each.cpuUs));
    const ratio = median(samples.map((each, at) => each.perSecond / (theirs[at]?.perSecond ?? 0)));
    const cpuRatio = median(samples.map((each, at) => each.cpuUs / (theirs[at]?.cpuUs ?? 0)));
    console.log(
      `${load.name}, ${name}: ${perSecond.toFixed(perSecond < 100 ? 2 : 0)} a second (${ratio.toFixed(2)}), ` +
        `${cpuUs.toFixed(0)} µs of CPU each (${cpuRatio.toFixed(2)})`,
    );
  }
}

interface Sample {
  readonly perSecond: number;
  readonly cpuUs: number;
}

async function measure(
  { child: { pid = 0 }, port, place }: Proxy,
  { path, bytes, connections, seconds }: ProxyLoad,
): Promise<Sample> {
  const asking: Asking = { port, host: '127.0.0.1', path, bytes, connections, seconds, ...place };
  const asker = fork(join(import.meta.dirname, 'ask-proxy.ts'), [JSON.stringify(asking)]);
  await once(asker, 'message');
  const before = { cpuMs: cpuMsOf(pid), atMs: performance.now() };
  const [answered] = (await once(asker, 'message')) as [number];
  const elapsedMs = performance.now() - before.atMs;
  const cpuMs = cpuMsOf(pid) - before.cpuMs;
  return { perSecond: (answered * 1e3) / elapsedMs, cpuUs: (cpuMs * 1e3) / answered };
}
