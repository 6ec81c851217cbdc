import { type Client, isNamespaceTerminating } from '@fairway/client';
import { EndpointSlice } from '@fairway/kinds/discovery/v1';
import {
  type DeepReadonly,
  type JsonValue,
  type OwnerReference,
  equalsJson,
} from '@fairway/protocol';
import {
  type Informer,
  deleteUnlessOutdated,
  isControlledBy,
  unlessOutdated,
} from '@fairway/reconcile';
import { withTriggerTime } from '../service-pods/trigger-times.ts';
import type { SliceDraft } from './slice-group.ts';

/** What slices of one object and one family have in common. */
export interface SliceForm {
  readonly addressType: 'IPv4' | 'IPv6';
  /** The name of the object: those of slices begin with it. */
  readonly name: string;
  readonly namespace: string;
  readonly owner: OwnerReference;
  readonly labels: Readonly<Record<string, string>>;
  /** What slices are to say beside when they changed; absent: whatever they say. */
  readonly annotations?: Readonly<Record<string, string>>;
  readonly triggerTime?: string;
}

/** Which slices are to be made, changed and deleted. */
export interface SliceChanges {
  readonly creates: readonly DeepReadonly<EndpointSlice>[];
  readonly updates: readonly DeepReadonly<EndpointSlice>[];
  readonly deletes: readonly DeepReadonly<EndpointSlice>[];
}

export function isNothing({ creates, updates, deletes }: SliceChanges): boolean {
  return creates.length + updates.length + deletes.length === 0;
}

/**
 * What brings `existing` to the drafts. A slice that is not needed any more becomes one that is: a change
 * costs those who follow less than a deletion and a new slice.
 */
export function changesOf(
  drafts: readonly SliceDraft[],
  existing: readonly DeepReadonly<EndpointSlice>[],
  form: SliceForm,
): SliceChanges {
  const kept = new Set(drafts.map(({ slice }) => slice));
  const spare = existing.filter((slice) => !kept.has(slice));
  const updates: DeepReadonly<EndpointSlice>[] = [];
  const creates: DeepReadonly<EndpointSlice>[] = [];
  for (const draft of drafts) {
    const slice = draft.slice ?? spare.shift();
    if (slice === undefined) creates.push(newSlice(draft, form));
    else if (!isAsDrafted(slice, draft, form)) updates.push(changedSlice(slice, draft, form));
  }
  return { creates, updates, deletes: spare };
}

/** Carries out changes, and waits until the cache has them. */
export async function writeSlices(
  client: Client,
  slices: Informer<EndpointSlice>,
  changes: SliceChanges,
  signal: AbortSignal,
): Promise<void> {
  let last: DeepReadonly<EndpointSlice> | undefined;
  const note = (written: DeepReadonly<EndpointSlice> | undefined): void => {
    last = written ?? last;
  };
  try {
    for (const slice of changes.creates) {
      note(await client.create(EndpointSlice, slice, { signal }));
    }
    for (const slice of changes.updates) {
      note(await unlessOutdated(client.replace(EndpointSlice, slice, { signal })));
    }
    for (const slice of changes.deletes) {
      await deleteUnlessOutdated(client, EndpointSlice, slice, { signal });
      await slices.deletionReached(slice, { signal });
    }
  } catch (error) {
    if (!isNamespaceTerminating(error)) throw error;
  } finally {
    // What was written before a failure is not to be written once more after it.
    if (last !== undefined) await slices.reached(last, { signal });
  }
}

/** Those of an object: what an earlier object of its name has left is the garbage collector's. */
export function ownSlices(
  slices: readonly DeepReadonly<EndpointSlice>[],
  owner: { readonly metadata?: { readonly uid?: string } },
): readonly DeepReadonly<EndpointSlice>[] {
  return slices.filter((slice) => {
    const { ownerReferences = [], deletionTimestamp } = slice.metadata ?? {};
    if (deletionTimestamp !== undefined) return false;
    return ownerReferences.length === 0 || isControlledBy(slice, owner);
  });
}

function newSlice(draft: SliceDraft, form: SliceForm): DeepReadonly<EndpointSlice> {
  const { name, namespace, labels, owner, addressType } = form;
  const annotations = withTriggerTime(form.annotations, form.triggerTime);
  return {
    metadata: {
      generateName: `${name}-`,
      namespace,
      labels,
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
      ownerReferences: [owner],
    },
    addressType,
    endpoints: draft.endpoints,
    ports: draft.ports,
  };
}

function changedSlice(
  slice: DeepReadonly<EndpointSlice>,
  draft: SliceDraft,
  form: SliceForm,
): DeepReadonly<EndpointSlice> {
  const { annotations: before, ...metadata } = slice.metadata ?? {};
  const annotations = withTriggerTime(form.annotations ?? before, form.triggerTime);
  return {
    ...slice,
    metadata: {
      ...metadata,
      labels: form.labels,
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
      ownerReferences: [form.owner],
    },
    endpoints: draft.endpoints,
    ports: draft.ports,
  };
}

function isAsDrafted(
  { metadata, endpoints, ports }: DeepReadonly<EndpointSlice>,
  draft: SliceDraft,
  form: SliceForm,
): boolean {
  const found = [metadata?.labels ?? {}, endpoints ?? [], metadata?.ownerReferences ?? []];
  const wanted = [form.labels, draft.endpoints, [form.owner]];
  if (!equalsJson(found as JsonValue, wanted as JsonValue)) return false;
  if (form.annotations !== undefined) {
    const said = withTriggerTime(metadata?.annotations, undefined);
    if (!equalsJson(said, withTriggerTime(form.annotations, undefined))) return false;
  }
  return equalsJson((ports ?? []) as JsonValue, draft.ports as JsonValue);
}
