import { readFileSync } from 'node:fs';

/** What the process has used since its start, as the last line of its output. */
export function report(facts = {}) {
  const { user, system } = process.cpuUsage();
  console.log(
    JSON.stringify({
      cpuMs: (user + system) / 1000,
      peakMegabytes: peakMegabytes(),
      ...facts,
    }),
  );
}

/** Megabytes of live objects, after everything that is garbage has gone. */
export function heapMegabytes() {
  for (let i = 0; i < 4; i++) globalThis.gc();
  return process.memoryUsage().heapUsed / 1e6;
}

// Not `resourceUsage().maxRSS`: Linux hands that of the parent down.
function peakMegabytes() {
  const status = readFileSync('/proc/self/status', 'utf8');
  return (Number(/^VmHWM:\s+(\d+)/m.exec(status)[1]) * 1024) / 1e6;
}
