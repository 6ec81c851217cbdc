import type { Evaluator } from './evaluator.ts';
import { one } from './usage.ts';

/** Of these quotas counted the objects before `count/` came, and have the plain names still. */
const before: ReadonlySet<string> = new Set([
  'configmaps',
  'resourcequotas',
  'replicationcontrollers',
  'secrets',
]);

/** Come and go too often to be counted. */
const uncounted: ReadonlySet<string> = new Set(['events']);

/** Objects of any resource count as such: `deployments.apps`. */
export function objectEvaluator(resource: string): Evaluator<unknown> {
  const isOf = (name: string): boolean => countedResource(name) === resource;
  const usage = new Map([[`count/${resource}`, one]]);
  if (before.has(resource)) usage.set(resource, one);
  return { isOf, usage: () => usage };
}

/** Of which resource a quota over `name` counts the objects: `deployments.apps`, `secrets`; undefined: of none. */
export function countedResource(name: string): string | undefined {
  const resource = name.startsWith('count/') ? name.slice('count/'.length) : undefined;
  if (resource === undefined) return before.has(name) ? name : undefined;
  return uncounted.has(resource) ? undefined : resource;
}
