import type { DeepReadonly, KubernetesObject } from '@fairway/protocol';

type AnyObject = DeepReadonly<KubernetesObject>;

/** For sorting: the object that was made earlier, of two that were made in the same second the first by name. */
export function oldestFirst(one: AnyObject, other: AnyObject): number {
  const [oneKey, otherKey] = [ageKey(one), ageKey(other)];
  return oneKey < otherKey ? -1 : oneKey > otherKey ? 1 : 0;
}

function ageKey({ metadata }: AnyObject): string {
  return `${metadata?.creationTimestamp ?? ''} ${metadata?.name ?? ''}`;
}
