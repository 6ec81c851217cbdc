import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { ServerAddress } from './session.ts';

/** What every load is told: whom to load, and whose CPU time to read. */
export interface LoadTarget {
  readonly address: ServerAddress;
  readonly pid: number;
}

/** Runs the load `name` of this folder in a process of its own and answers what it measured. */
export async function runLoad<Result>(
  name: 'create-pods' | 'flood-lists' | 'list-pods' | 'watch-secrets',
  options: LoadTarget & Readonly<Record<string, unknown>>,
): Promise<Result> {
  const script = join(import.meta.dirname, `${name}.ts`);
  const child = fork(script, [JSON.stringify(options)], { execArgv: [] });
  const exited = once(child, 'exit').then(([code]) => {
    throw new Error(`the load ${name} ended with code ${String(code)} and no result`);
  });
  exited.catch(() => {});
  const [result] = await Promise.race([once(child, 'message'), exited]);
  return result as Result;
}

/** In the process of a load: measures with the options it was started with, and reports. */
export async function serveLoad<Options>(
  measure: (options: Options) => Promise<object>,
): Promise<void> {
  const result = await measure(JSON.parse(process.argv[2] ?? '{}') as Options);
  process.send?.(result, undefined, undefined, () => process.exit(0));
}
