import {
  type DeepReadonly,
  type JsonValue,
  type KubernetesObject,
  type ResourceDescriptor,
  annotationsOf,
  equalsJson,
} from '@fairway/protocol';
import { type ReconcileRequest, unlessOutdated } from '@fairway/reconcile';

/** An object that says how it is. */
export interface WithStatus extends KubernetesObject {
  readonly status?: object;
}

/** As whom it is written, and the cache that is waited for: in what a controller is called with. */
export type StatusWriter = Pick<ReconcileRequest<never>, 'client' | 'reached' | 'signal'>;

/**
 * Puts a status in the place of the one that an object has, and answers the object as it is then, when the
 * cache has it. Nothing is sent when they are the same. Undefined where somebody else has changed the object
 * meanwhile, which calls for it again.
 */
export async function writeStatus<T extends WithStatus>(
  { client, reached, signal }: StatusWriter,
  kind: ResourceDescriptor<T>,
  change: {
    readonly object: DeepReadonly<T>;
    readonly status: NonNullable<T['status']> | DeepReadonly<NonNullable<T['status']>>;
    /** What the object says of itself in annotations; those it has when absent. */
    readonly annotations?: Readonly<Record<string, string>>;
  },
): Promise<DeepReadonly<T> | undefined> {
  const { object, status } = change;
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
  const written = await unlessOutdated(part.replace(replacement as DeepReadonly<T>, { signal }));
  if (written !== undefined) await reached(written);
  return written as DeepReadonly<T> | undefined;
}

/** Counts as the API keeps them: it leaves out those of none. */
export function withoutZeros<Counts extends Readonly<Record<string, number | undefined>>>(
  counts: Counts,
): { readonly [Name in keyof Counts]?: number } {
  const kept = Object.entries(counts).filter(([, count]) => count !== 0 && count !== undefined);
  return Object.fromEntries(kept) as { readonly [Name in keyof Counts]?: number };
}
