import type { Client } from '@fairway/client';
import {
  type DeepReadonly,
  type JsonValue,
  type KubernetesObject,
  type ResourceDescriptor,
  annotationsOf,
  equalsJson,
} from '@fairway/protocol';
import { unlessOutdated } from '@fairway/reconcile';

/** An object that says how it is. */
export interface WithStatus extends KubernetesObject {
  readonly status?: object;
}

/**
 * Puts a status in the place of the one that an object has, and answers the object as it is then.
 * Nothing is sent when they are the same. Undefined where somebody else has changed the object
 * meanwhile, which calls for it again.
 */
export async function writeStatus<T extends WithStatus>(
  client: Client,
  kind: ResourceDescriptor<T>,
  change: {
    readonly object: DeepReadonly<T>;
    readonly status: NonNullable<T['status']> | DeepReadonly<NonNullable<T['status']>>;
    /** What the object says of itself in annotations; those it has when absent. */
    readonly annotations?: Readonly<Record<string, string>>;
    readonly signal: AbortSignal;
  },
): Promise<DeepReadonly<T> | undefined> {
  const { object, status, signal } = change;
  const { annotations = annotationsOf(object) } = change;
  const isSame =
    equalsJson((object.status ?? {}) as JsonValue, status as JsonValue) &&
    equalsJson(annotationsOf(object), annotations);
  if (isSame) return object;
  const replacement =
    annotations === object.metadata?.annotations
      ? { ...object, status }
      : { ...object, metadata: { ...object.metadata, annotations }, status };
  const { name = '', namespace } = object.metadata ?? {};
  const where = namespace === undefined ? {} : { namespace };
  const part = client.subresource<T>(kind, name, 'status', where);
  return unlessOutdated(part.replace(replacement as DeepReadonly<T>, { signal })) as Promise<
    DeepReadonly<T> | undefined
  >;
}

/** Counts as the API keeps them: it leaves out those of none. */
export function withoutZeros<Counts extends Readonly<Record<string, number | undefined>>>(
  counts: Counts,
): { readonly [Name in keyof Counts]?: number } {
  const kept = Object.entries(counts).filter(([, count]) => count !== 0 && count !== undefined);
  return Object.fromEntries(kept) as { readonly [Name in keyof Counts]?: number };
}
