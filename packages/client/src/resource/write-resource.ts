import {
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
  type Draft,
  type Patch,
  type WriteOptions,
  requestOptionsOf,
} from './call-options.ts';
import { getObject } from './read-resource.ts';
import {
  type CallContext,
  callResource,
  namespaceOf,
  namespaceOfAll,
  selectorQuery,
  writeQuery,
} from './resource-call.ts';

/** How often a get-change-put is tried. */
const updateTriesMax = 5;
/** How long to wait after a conflict. */
const conflictPauseMs = 10;

/** Which object, and which part of it, is written. */
export interface WriteSubject<T extends KubernetesObject> {
  readonly kind: ResourceDescriptor<T>;
  readonly name: string;
  readonly subresource?: string | undefined;
}

/** Creates an object, or posts one to a subresource. */
export function createObject<T extends KubernetesObject>(
  context: CallContext,
  subject: { readonly kind: ResourceDescriptor; readonly object: T } & Partial<WriteSubject<T>>,
  options: WriteOptions,
): Promise<T> {
  const { kind, object, name, subresource } = subject;
  const isTop = subresource === undefined;
  return callResource<T>(context, {
    method: 'POST',
    kind,
    namespace: namespaceOf(context, kind, withNamespaceOf(object, options)),
    name,
    subresource,
    query: writeQuery(context, options),
    body: isTop ? withKind(kind, object) : object,
    limits: options,
  });
}

/** Replaces an object; with a resourceVersion in it, only that version. */
export function replaceObject<T extends KubernetesObject>(
  context: CallContext,
  subject: { readonly kind: ResourceDescriptor; readonly object: T } & Partial<WriteSubject<T>>,
  options: WriteOptions,
): Promise<T> {
  const { kind, object, subresource } = subject;
  const name = subject.name ?? object.metadata?.name;
  if (name === undefined) throw new TypeError(`the ${kind.kind} to replace has no metadata.name`);
  return callResource<T>(context, {
    method: 'PUT',
    kind,
    namespace: namespaceOf(context, kind, withNamespaceOf(object, options)),
    name,
    subresource,
    query: writeQuery(context, options),
    body: subresource === undefined ? withKind(kind, object) : object,
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
  const { namespace, signal } = options;
  const where = {
    ...requestOptionsOf(options),
    ...(namespace === undefined ? {} : { namespace }),
  };
  for (let attempt = 1; ; attempt++) {
    const current: T = await getObject<T, 'object'>(context, { kind, name }, where);
    // Nobody else holds what was just decoded, so it may be changed in place.
    const draft = current as Draft<T>;
    const changed = ((await change(draft)) ?? draft) as T;
    try {
      return await replaceObject(context, { kind, name, object: changed }, options);
    } catch (error) {
      if (!isConflict(error) || attempt === updateTriesMax) throw error;
    }
    await sleep(context.clock, conflictPauseMs, signal);
  }
}

/** Edits the draft in place, or answers what to put instead. */
export type ObjectChange<T> = (
  draft: Draft<T>,
) => T | Draft<T> | undefined | void | Promise<T | Draft<T> | undefined | void>;

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
  const { name, namespace } = object.metadata;
  const where = options.namespace ?? namespace;
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
    { ...options, fieldManager, ...(where === undefined ? {} : { namespace: where }) },
  );
}

/** Deletes an object. Answers it when it goes on existing for a while, else a Status. */
export function deleteObject<T extends KubernetesObject>(
  context: CallContext,
  subject: { readonly kind: ResourceDescriptor<T>; readonly name: string },
  options: DeleteOptions,
): Promise<T | Status> {
  const { kind, name } = subject;
  return callResource<T | Status>(context, {
    method: 'DELETE',
    kind,
    namespace: namespaceOf(context, kind, options),
    name,
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
  await callResource<unknown>(context, {
    method: 'DELETE',
    kind,
    namespace: namespaceOfAll(context, kind, options),
    query: {
      ...selectorQuery(options),
      resourceVersion: options.resourceVersion,
      resourceVersionMatch: options.resourceVersionMatch,
    },
    body: deleteBody(options),
    limits: options,
  });
}

/** The DeleteOptions of a call; undefined when it says nothing. */
export function deleteBody(options: DeleteOptions): object | undefined {
  const { dryRun, gracePeriodSeconds, propagationPolicy, preconditions } = options;
  const said = {
    ...(dryRun === true ? { dryRun: ['All'] } : {}),
    ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
    ...(propagationPolicy === undefined ? {} : { propagationPolicy }),
    ...(preconditions === undefined ? {} : { preconditions }),
  };
  if (Object.keys(said).length === 0) return undefined;
  return { kind: 'DeleteOptions', apiVersion: 'v1', ...said };
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
  const { kind, name, subresource } = subject;
  const headers: HttpHeaders = { 'content-type': subject.contentType };
  return callResource<T>(context, {
    method: 'PATCH',
    kind,
    namespace: namespaceOf(context, kind, options),
    name,
    subresource,
    query: { ...writeQuery(context, options), force: subject.force },
    headers,
    body: subject.content,
    limits: options,
  });
}

function patchContent(patch: Patch): { content: unknown; contentType: string } {
  if ('json' in patch) {
    return { content: patch.json, contentType: 'application/json-patch+json' };
  }
  if ('merge' in patch) {
    return { content: patch.merge, contentType: 'application/merge-patch+json' };
  }
  return { content: patch.strategic, contentType: 'application/strategic-merge-patch+json' };
}

function withKind<T extends KubernetesObject>(kind: ResourceDescriptor, object: T): T {
  return { apiVersion: apiVersionOf(kind), kind: kind.kind, ...object };
}

function withNamespaceOf(object: KubernetesObject, options: WriteOptions): WriteOptions {
  const namespace = options.namespace ?? object.metadata?.namespace;
  return namespace === undefined ? options : { ...options, namespace };
}
