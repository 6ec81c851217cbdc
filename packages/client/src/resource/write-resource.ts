import { encodeJson } from './exact-json.ts';
import {
  type CompleteDraft,
  type DeepReadonly,
  type HttpHeaders,
  type KubernetesObject,
  type ResourceDescriptor,
  type Status,
  apiVersionOf,
} from '@fairway/protocol';
import { sleep } from '@fairway/host';
import { isConflict } from '../api-error-guards.ts';
import type { ApplyShape } from './apply-shape.ts';
import {
  type ApplyOptions,
  type DeleteCollectionOptions,
  type DeleteOptions,
  type Patch,
  type WriteOptions,
} from './call-options.ts';
import { deleteBody } from './deletion.ts';
import { getObject } from './read-resource.ts';
import { type CallContext, callResource, selectorQuery, writeQuery } from './resource-call.ts';
import { type ObjectSubject, collectionPath, objectPath } from './resource-path.ts';

/** How often a get-change-put is tried. */
const updateTriesMax = 5;
/** How long to wait after a conflict. */
const conflictPauseMs = 10;

/** Which object, or which part of it, is written. */
export interface WriteSubject<T extends KubernetesObject> extends ObjectSubject {
  readonly kind: ResourceDescriptor<T>;
}

/** Creates an object. */
export function createObject<T extends KubernetesObject>(
  context: CallContext,
  { kind, object }: { readonly kind: ResourceDescriptor<T>; readonly object: T | DeepReadonly<T> },
  options: WriteOptions,
): Promise<T> {
  requireObject(kind, object);
  return callResource<T>(context, {
    method: 'POST',
    path: collectionPath(context, kind, withNamespaceOf(object, options)),
    query: writeQuery(context, options),
    body: encodeJson(withKind(kind, object)),
    limits: options,
  });
}

/** Posts an object to a subresource of another one. */
export function createPart<T extends KubernetesObject>(
  context: CallContext,
  subject: ObjectSubject & { readonly object: T | DeepReadonly<T> },
  options: WriteOptions,
): Promise<T> {
  return callResource<T>(context, {
    method: 'POST',
    path: objectPath(context, subject, withNamespaceOf(subject.object, options)),
    query: writeQuery(context, options),
    body: encodeJson(subject.object),
    limits: options,
  });
}

/** Replaces an object; with a resourceVersion in it, only that version. */
export function replaceObject<T extends KubernetesObject>(
  context: CallContext,
  subject: { readonly kind: ResourceDescriptor; readonly object: T | DeepReadonly<T> } & Partial<
    WriteSubject<T>
  >,
  options: WriteOptions,
): Promise<T> {
  const { kind, object, subresource } = subject;
  requireObject(kind, object);
  // A name that was given, if as undefined, is the one that counts.
  const name = ('name' in subject ? subject.name : object.metadata?.name) as string;
  return callResource<T>(context, {
    method: 'PUT',
    path: objectPath(context, { kind, name, subresource }, withNamespaceOf(object, options)),
    query: writeQuery(context, options),
    body: encodeJson(subresource === undefined ? withKind(kind, object) : object),
    limits: options,
  });
}

/** Reads, changes and replaces an object, again when somebody else was faster. */
export async function updateObject<T extends KubernetesObject>(
  context: CallContext,
  subject: WriteSubject<T> & { readonly change: ObjectChange<T> },
  options: WriteOptions,
): Promise<T> {
  const { kind, name, change } = subject;
  for (let attempt = 1; ; attempt++) {
    const current: T = await getObject<T, 'object'>(context, { kind, name }, options);
    // The object was just decoded and is not shared, so it may be changed in place.
    const draft = current as CompleteDraft<T>;
    const changed = ((await change(draft)) ?? draft) as T;
    try {
      return await replaceObject(context, { kind, name, object: changed }, options);
    } catch (error) {
      if (!isConflict(error) || attempt === updateTriesMax) throw error;
    }
    await sleep(context.clock, conflictPauseMs, options.signal);
  }
}

/** Edits the draft in place, or answers what to put instead. */
export type ObjectChange<T> = (
  draft: CompleteDraft<T>,
) => Changed<T> | undefined | void | Promise<Changed<T> | undefined | void>;

type Changed<T> = T | CompleteDraft<T> | DeepReadonly<T>;

/** Changes parts of an object. */
export function patchObject<T extends KubernetesObject>(
  context: CallContext,
  subject: WriteSubject<T> & { readonly patch: Patch },
  options: WriteOptions,
): Promise<T> {
  const { patch } = subject;
  return sendPatch(context, { ...subject, ...patchContent(patch) }, options);
}

/** Says what fields an object has to have, and owns them from then on. */
export function applyObject<T extends KubernetesObject>(
  context: CallContext,
  subject: {
    readonly kind: ResourceDescriptor<T>;
    readonly object: ApplyShape<T>;
    readonly subresource?: string | undefined;
  },
  options: ApplyOptions,
): Promise<T> {
  const { kind, object, subresource } = subject;
  const fieldManager = options.fieldManager ?? context.fieldManager;
  if (fieldManager === undefined) {
    throw new TypeError('apply needs a "fieldManager": give it to the client or to the call');
  }
  requireObject(kind, object);
  const { name } = (object.metadata ?? {}) as { name: string };
  return sendPatch(
    context,
    {
      kind,
      name,
      subresource,
      content: { apiVersion: apiVersionOf(kind), kind: kind.kind, ...object },
      contentType: 'application/apply-patch+yaml',
      force: options.force,
    },
    { ...withNamespaceOf(object, options), fieldManager },
  );
}

/** Deletes an object. Answers it when it goes on existing for a while, else a Status. */
export function deleteObject<T extends KubernetesObject>(
  context: CallContext,
  subject: { readonly kind: ResourceDescriptor<T>; readonly name: string },
  options: DeleteOptions,
): Promise<T | Status> {
  return callResource<T | Status>(context, {
    method: 'DELETE',
    path: objectPath(context, subject, options),
    body: deleteBody(options),
    limits: options,
  });
}

/** Deletes all objects that are selected. */
export async function deleteObjects(
  context: CallContext,
  kind: ResourceDescriptor,
  options: DeleteCollectionOptions,
): Promise<void> {
  for (const selector of ['labelSelector', 'fieldSelector'] as const) {
    // A selector that is given but undefined is a mistake: it must not delete everything.
    if (selector in options) requireGiven(options[selector], selector);
  }
  await callResource<unknown>(context, {
    method: 'DELETE',
    path: collectionPath(context, kind, options),
    query: {
      ...selectorQuery(options),
      resourceVersion: options.resourceVersion,
      resourceVersionMatch: options.resourceVersionMatch,
    },
    body: deleteBody(options),
    limits: options,
  });
}

function sendPatch<T extends KubernetesObject>(
  context: CallContext,
  subject: WriteSubject<T> & {
    readonly content: unknown;
    readonly contentType: string;
    readonly force?: boolean | undefined;
  },
  options: WriteOptions,
): Promise<T> {
  const headers: HttpHeaders = { 'content-type': subject.contentType };
  return callResource<T>(context, {
    method: 'PATCH',
    path: objectPath(context, subject, options),
    query: { ...writeQuery(context, options), force: subject.force },
    headers,
    body: encodeJson(subject.content),
    limits: options,
  });
}

function patchContent(patch: Patch): { content: unknown; contentType: string } {
  const [type, ...more] = Object.keys(patch ?? {});
  if (type === undefined || more.length > 0 || !['merge', 'json', 'strategic'].includes(type)) {
    throw new TypeError(
      'a patch must be one of { merge: … }, { json: [ … ] } and { strategic: … }',
    );
  }
  if ('json' in patch) {
    return { content: patch.json, contentType: 'application/json-patch+json' };
  }
  if ('merge' in patch) {
    return { content: patch.merge, contentType: 'application/merge-patch+json' };
  }
  return { content: patch.strategic, contentType: 'application/strategic-merge-patch+json' };
}

function requireGiven(value: unknown, what: string): void {
  if (value !== undefined && value !== null) return;
  throw new TypeError(`the ${what} is ${String(value)}: leave it out to delete all of them`);
}

function requireObject(kind: ResourceDescriptor, object: unknown): void {
  if (typeof object === 'object' && object !== null) return;
  throw new TypeError(`the ${kind.kind} to send must be an object, and not ${String(object)}`);
}

function withKind<T extends KubernetesObject>(kind: ResourceDescriptor, object: T): T {
  return { apiVersion: apiVersionOf(kind), kind: kind.kind, ...object };
}

function withNamespaceOf(
  { metadata }: Pick<KubernetesObject, 'metadata'>,
  options: WriteOptions,
): WriteOptions {
  const namespace = metadata?.namespace ?? undefined;
  if ('namespace' in options || namespace === undefined) return options;
  return { ...options, namespace };
}
