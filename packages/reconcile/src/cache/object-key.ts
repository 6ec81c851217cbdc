import type { KubernetesObject } from '@fairway/protocol';

/** `shop/web-0`, or `node-7` for an object without a namespace. */
export function keyOf(object: KubernetesObject): string {
  const { namespace = '', name = '' } = object.metadata ?? {};
  return formatKey({ namespace, name });
}

/** Where an object is. */
export interface ObjectName {
  /** Empty for an object without one. */
  readonly namespace: string;
  readonly name: string;
}

export function formatKey({ namespace, name }: ObjectName): string {
  return namespace === '' ? name : `${namespace}/${name}`;
}

export function parseKey(key: string): ObjectName {
  const slash = key.indexOf('/');
  return { namespace: key.slice(0, Math.max(0, slash)), name: key.slice(slash + 1) };
}
