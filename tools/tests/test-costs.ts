import { subscribe } from 'node:diagnostics_channel';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { cpuTimeMs } from './cpu-time.ts';

/** What one test took of the CPU, with its subtests and the programs that it ran. */
export interface TestCost {
  readonly name: string;
  readonly cpuMs: number;
}

/** Below this nobody asks. */
const noticedMs = 50;

/** Notes what each test of this process costs, and writes it into `folder` at the end. */
export function noteTestCosts(folder: string): void {
  const costs: TestCost[] = [];
  let outermost: object | undefined;
  let startedMs = 0;
  subscribe('tracing:node.test:start', (context) => {
    if (outermost !== undefined || !isTest(context)) return;
    outermost = context;
    startedMs = cpuTimeMs();
  });
  subscribe('tracing:node.test:end', (context) => {
    if (context !== outermost) return;
    outermost = undefined;
    const cpuMs = cpuTimeMs() - startedMs;
    if (cpuMs >= noticedMs && isTest(context)) costs.push({ name: context.name, cpuMs });
  });
  process.once('exit', () => {
    writeFileSync(path.join(folder, `${process.pid}.json`), JSON.stringify(costs));
  });
}

/** The dearest tests that any process has noted in `folder`. */
export function dearestTests(folder: string, count: number): readonly TestCost[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .flatMap((file) => JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as TestCost[])
    .sort((one, other) => other.cpuMs - one.cpuMs)
    .slice(0, count);
}

/** Suites only hold tests. */
function isTest(context: unknown): context is { readonly name: string } {
  return (context as { readonly type: string }).type === 'test';
}
