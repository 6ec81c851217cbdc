import { availableParallelism, cpus, loadavg } from 'node:os';

/** What figures were measured on, and how busy it was with other work. */
export function describeMachine(): string {
  const model = cpus()[0]?.model ?? 'unknown CPU';
  const load = loadavg()[0]?.toFixed(1);
  return `${availableParallelism()} × ${model}, Node ${process.version}, load ${load}`;
}
