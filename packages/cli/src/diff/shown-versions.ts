import type { DynamicObject } from '@fairway/client';
import { stringifyJson } from '@fairway/protocol';
import { shown } from '../output/shown-object.ts';
import { lastAppliedAnnotation } from '../writes/last-applied.ts';

/** An object before and after a change, as text; undefined where there is none. */
export interface Versions {
  readonly live: DynamicObject | undefined;
  readonly merged: DynamicObject | undefined;
}

/**
 * What of both versions may be shown: without the bookkeeping of owners, and of a secret not what its values are,
 * but where they differ.
 */
export function shownVersions({ live, merged }: Versions): Versions {
  const versions = {
    live: live === undefined ? undefined : shown(live, false),
    merged: merged === undefined ? undefined : shown(merged, false),
  };
  const { kind, apiVersion } = merged ?? live ?? {};
  return kind === 'Secret' && apiVersion === 'v1' ? masked(versions) : versions;
}

function masked({ live, merged }: Versions): Versions {
  const [before, after] = [dataOf(live), dataOf(merged)];
  const isChanged = (key: string): boolean =>
    before !== undefined &&
    after !== undefined &&
    Object.hasOwn(before, key) &&
    Object.hasOwn(after, key) &&
    stringifyJson(before[key]) !== stringifyJson(after[key]);
  const hide = (object: DynamicObject | undefined, when: string): DynamicObject | undefined => {
    const data = dataOf(object);
    if (object === undefined || data === undefined) return object;
    const hidden = Object.keys(data).map((key) => [key, isChanged(key) ? `*** (${when})` : '***']);
    return withoutNotes({ ...object, data: Object.fromEntries(hidden) as object });
  };
  return { live: hide(live, 'before'), merged: hide(merged, 'after') };
}

function dataOf(object: DynamicObject | undefined): Readonly<Record<string, unknown>> | undefined {
  return object?.['data'] as Readonly<Record<string, unknown>> | undefined;
}

/** The note of the last apply holds the values once more. */
function withoutNotes(object: DynamicObject): DynamicObject {
  const { annotations = {} } = object.metadata ?? {};
  if (!Object.hasOwn(annotations, lastAppliedAnnotation)) return object;
  return {
    ...object,
    metadata: {
      ...object.metadata,
      annotations: { ...annotations, [lastAppliedAnnotation]: '***' },
    },
  };
}
