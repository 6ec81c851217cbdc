import type { Client } from '@fairway/client';
import { Pod } from '@fairway/kinds/core/v1';
import {
  type JsonArray,
  type JsonObject,
  type JsonValue,
  equalsJson,
  fieldOf,
  isJsonArray,
  isJsonObject,
} from '@fairway/protocol';
import { deleteUnlessOutdated, unlessAnother } from '@fairway/reconcile';
import type { AnyPod } from './pod-containers.ts';

/**
 * Writes what is different in the status of a pod; undefined where the pod is gone, or its name has passed
 * to another one.
 */
export function writePodStatus(
  client: Client,
  before: AnyPod,
  after: AnyPod,
): Promise<Pod | undefined> {
  const { name = '', namespace = '', uid } = before.metadata ?? {};
  const strategic = { metadata: { uid }, status: changedStatus(before.status, after.status) };
  return unlessAnother(client.subresource(Pod, name, 'status', { namespace }).patch({ strategic }));
}

/** Of a status, the fields that are not what they were; of lists that are merged, the elements that are not. */
function changedStatus(before: Status = {}, after: Status = {}): JsonObject {
  const [old, now] = [before, after] as readonly JsonObject[] as [JsonObject, JsonObject];
  const names = new Set([...Object.keys(old), ...Object.keys(now)]);
  const changed: Record<string, JsonValue> = {};
  for (const name of names) {
    const [was, is] = [fieldOf(old, name), fieldOf(now, name)];
    if (was === is || (was !== undefined && is !== undefined && equalsJson(was, is))) continue;
    const key = mergeKeys[name];
    const isMerged = key !== undefined && isJsonArray(was) && isJsonArray(is);
    changed[name] = isMerged ? changedElements(was, is, key) : (is ?? null);
  }
  return changed;
}

type Status = NonNullable<AnyPod['status']>;

/** Lists of a status that a patch merges, by what. Source: core/v1 PodStatus. */
const mergeKeys: Readonly<Record<string, string>> = {
  conditions: 'type',
  hostIPs: 'ip',
  podIPs: 'ip',
};

function changedElements(was: JsonArray, is: JsonArray, key: string): JsonValue[] {
  const keyOf = (element: JsonValue): JsonValue | undefined =>
    isJsonObject(element) ? fieldOf(element, key) : undefined;
  const isGone = (element: JsonValue): boolean =>
    !is.some((each) => keyOf(each) === keyOf(element));
  const gone = was.filter(isGone).map((each) => ({ $patch: 'delete', [key]: keyOf(each) ?? null }));
  const changed = is.filter((each) => !was.some((other) => equalsJson(other, each)));
  const whole = changed.map((each) =>
    withoutOld(
      was.find((other) => keyOf(other) === keyOf(each)),
      each,
    ),
  );
  return [...whole, ...gone];
}

/** An element, and that it has no more what it had. */
function withoutOld(was: JsonValue | undefined, is: JsonValue): JsonValue {
  if (!isJsonObject(was) || !isJsonObject(is)) return is;
  const lost = Object.entries(was).filter(
    ([name, value]) => value !== null && fieldOf(is, name) === undefined,
  );
  return { ...is, ...Object.fromEntries(lost.map(([name]) => [name, null])) };
}

/** Deletes a pod: for good, or with the time that it has. */
export async function deletePod(
  client: Client,
  pod: AnyPod,
  how: 'now' | 'gracefully',
): Promise<void> {
  await deleteUnlessOutdated(client, Pod, pod, how === 'now' ? { gracePeriodSeconds: 0 } : {});
}
