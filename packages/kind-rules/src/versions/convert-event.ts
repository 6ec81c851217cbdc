import type { KubernetesObject } from '@fairway/protocol';

/** The fields that `v1` and `events.k8s.io/v1` name differently: core name, other name. */
const renamed = [
  ['involvedObject', 'regarding'],
  ['message', 'note'],
  ['reportingComponent', 'reportingController'],
  ['source', 'deprecatedSource'],
  ['firstTimestamp', 'deprecatedFirstTimestamp'],
  ['lastTimestamp', 'deprecatedLastTimestamp'],
  ['count', 'deprecatedCount'],
] as const;

/**
 * An event of `v1`, which is what is stored, as `events.k8s.io/v1` has it: the same under other
 * names.
 * Source: KEP-383; events/v1 conversion.
 */
export function eventFromCore(stored: KubernetesObject): KubernetesObject {
  const pairs = renamed.map(([core, other]) => [core, other] as const);
  return rename(stored, pairs, 'events.k8s.io/v1');
}

/** An event of `events.k8s.io/v1` as `v1` has it. */
export function eventToCore(served: KubernetesObject): KubernetesObject {
  const pairs = renamed.map(([core, other]) => [other, core] as const);
  return rename(served, pairs, 'v1');
}

function rename(
  event: KubernetesObject,
  pairs: readonly (readonly [string, string])[],
  apiVersion: string,
): KubernetesObject {
  const names = new Map(pairs);
  const fields = Object.entries(event).map(([name, value]) => [names.get(name) ?? name, value]);
  return { ...(Object.fromEntries(fields) as KubernetesObject), apiVersion };
}
