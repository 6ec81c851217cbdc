/**
 * What a server process knows about itself, told on a socket: memory and the longest block of its
 * event loop. A preload script (`--import`), so that the product needs no endpoint for it.
 */
import { subscribe } from 'node:diagnostics_channel';
import { rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { PerformanceObserver } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';
import type { Observation } from './observation.ts';

const lookMs = 5;

// The pinned Node.js has it; the types are those of the oldest that Fairway runs on.
const { threadCpuUsage } = process as NodeJS.Process & { threadCpuUsage(): NodeJS.CpuUsage };

const path = process.env['FAIRWAY_STRESS_SOCKET'];
// Workers inherit the flag and are not what is measured.
if (path !== undefined && isMainThread) observe(path);

function observe(socketPath: string): void {
  const longestBlock = watchBlocks();
  rmSync(socketPath, { force: true });
  const server = createServer((socket) => {
    socket.on('error', () => {});
    const { rss, heapUsed, external, arrayBuffers } = process.memoryUsage();
    const answer: Observation = { rss, heapUsed, external, arrayBuffers, ...longestBlock() };
    socket.end(JSON.stringify(answer));
  });
  server.listen(socketPath);
  server.unref();
}

/**
 * The longest time in which the loop did not turn, by the clock and as CPU time of its thread: on a
 * machine that others use as well, only the second is the server's own doing.
 */
function watchBlocks(): () => Pick<
  Observation,
  'blockedMsMax' | 'blockedCpuMsMax' | 'blockedBeside'
> {
  const beside = watchRequests();
  let blockedBeside = (): string => '';
  let blockedMsMax = 0;
  let blockedCpuMsMax = 0;
  let lastMs = performance.now();
  let lastCpu = threadCpuUsage();
  setInterval(() => {
    const nowMs = performance.now();
    const cpu = threadCpuUsage();
    const cpuMs = (cpu.user + cpu.system - lastCpu.user - lastCpu.system) / 1_000;
    const blockedMs = nowMs - lastMs - lookMs;
    blockedMsMax = Math.max(blockedMsMax, blockedMs);
    if (Math.min(blockedMs, cpuMs) > blockedCpuMsMax) {
      blockedCpuMsMax = Math.min(blockedMs, cpuMs);
      blockedBeside = beside(lastMs);
    }
    lastMs = nowMs;
    lastCpu = cpu;
  }, lookMs).unref();
  return () => {
    const longest = { blockedMsMax, blockedCpuMsMax, blockedBeside: blockedBeside() };
    blockedMsMax = 0;
    blockedCpuMsMax = 0;
    return longest;
  };
}

const [requestsKept, requestsToldMs] = [40, 250];

/**
 * Says what requests have come since shortly before a moment until now, and what collections have
 * taken in between, which is known a little later.
 */
function watchRequests(): (sinceMs: number) => () => string {
  const requests: { readonly atMs: number; readonly text: string }[] = [];
  const collections: { readonly endMs: number; readonly tookMs: number }[] = [];
  subscribe('http2.server.stream.start', (message) => {
    const { headers = {} } = message as { headers?: Record<string, unknown> };
    const text = `${String(headers[':method'])} ${String(headers[':path'])}`.slice(0, 100);
    requests.push({ atMs: performance.now(), text });
    if (requests.length > requestsKept) requests.shift();
  });
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) {
      collections.push({ endMs: startTime + duration, tookMs: duration });
      if (collections.length > requestsKept) collections.shift();
    }
  }).observe({ entryTypes: ['gc'] });
  return (sinceMs) => {
    const told = requests.filter(({ atMs }) => atMs >= sinceMs - requestsToldMs);
    const counts = new Map<string, number>();
    for (const { text } of told) counts.set(text, (counts.get(text) ?? 0) + 1);
    const list = [...counts].map(([text, count]) => `${count} × ${text}`);
    const untilMs = performance.now();
    return () => {
      const tookMs = collections
        .filter(({ endMs }) => endMs >= sinceMs && endMs <= untilMs)
        .reduce((sum, each) => sum + each.tookMs, 0);
      return `${tookMs.toFixed(0)} ms of collections; ${list.join(', ')}`;
    };
  };
}
