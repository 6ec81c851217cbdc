/**
 * What a server process knows about itself, told on a socket: memory and the longest block of its
 * event loop. A preload script (`--import`), so that the product needs no endpoint for it.
 */
import { rmSync } from 'node:fs';
import { createServer } from 'node:net';
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
function watchBlocks(): () => Pick<Observation, 'blockedMsMax' | 'blockedCpuMsMax'> {
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
    blockedCpuMsMax = Math.max(blockedCpuMsMax, Math.min(blockedMs, cpuMs));
    lastMs = nowMs;
    lastCpu = cpu;
  }, lookMs).unref();
  return () => {
    const longest = { blockedMsMax, blockedCpuMsMax };
    blockedMsMax = 0;
    blockedCpuMsMax = 0;
    return longest;
  };
}
