import type { Clock, Random } from '@fairway/host';
import type {
  DeepReadonly,
  Handler,
  HttpHeaders,
  HttpResponse,
  KubernetesObject,
  ObjectList,
  ResourceDescriptor,
  Status,
  UpgradeHandler,
} from '@fairway/protocol';
import type { ApplyShape } from './resource/apply-shape.ts';
import { type QueryValues, buildRequest } from './resource/build-request.ts';
import type {
  ApplyOptions,
  DeleteCollectionOptions,
  DeleteOptions,
  Form,
  GetOptions,
  InForm,
  ListOptions,
  ListPageOptions,
  NamespaceOption,
  Patch,
  WatchOptions,
  WriteOptions,
} from './resource/call-options.ts';
import { requireSuccess } from './resource/decode-response.ts';
import { lateStream } from './resource/late-stream.ts';
import type { ObjectPages, TablePages } from './resource/list-pages.ts';
import {
  fetchPage,
  findObject,
  getObject,
  listObjects,
  listTables,
} from './resource/read-resource.ts';
import type { Reflection, ReflectOptions } from './reflect/reflector.ts';
import type { CallContext } from './resource/resource-call.ts';
import { collectionPath } from './resource/resource-path.ts';
import { type Subresource, subresourceOf } from './resource/subresource.ts';
import type { WaitGoal, WaitOptions } from './resource/wait-for.ts';
import type { EventStream } from './resource/watch-connection.ts';
import type { ObjectChange } from './resource/write-resource.ts';

/** What a client is made of. */
export interface ClientOptions {
  /** A connection to a cluster, or an API server in the same process. */
  readonly transport: Handler;
  readonly clock: Clock;
  /** Spreads out the attempts of many clients. */
  readonly random: Random;
  /** For calls that name no namespace; `default` when absent. */
  readonly namespace?: string;
  /** Who owns the fields that this client writes. */
  readonly fieldManager?: string;
  /** For exec, attach and port-forward; a client without it cannot do these. */
  readonly upgrade?: UpgradeHandler;
}

/**
 * Calls on a Kubernetes API.
 *
 * A call on a namespaced kind that names no namespace goes to the object's own, else to `namespace`.
 * Every call throws `ApiError` when the server refused, `ConnectionError` when there was no answer,
 * and the reason of its signal when that aborted.
 */
export interface Client {
  readonly namespace: string;
  /** What the calls go through. */
  readonly transport: Handler;
  readonly clock: Clock;
  readonly random: Random;
  /** Absent when the transport has no connections of its own. */
  readonly upgrade?: UpgradeHandler;

  /** Reads one object. */
  get<T extends KubernetesObject, F extends Form = 'object'>(
    kind: ResourceDescriptor<T>,
    name: string,
    options?: GetOptions & { readonly as?: F },
  ): Promise<InForm<T, F>>;
  /** Reads one object; undefined when there is none. */
  find<T extends KubernetesObject, F extends Form = 'object'>(
    kind: ResourceDescriptor<T>,
    name: string,
    options?: GetOptions & { readonly as?: F },
  ): Promise<InForm<T, F> | undefined>;
  /** Objects one by one, fetched in pages; `all()` for an array. As a table: tables, page by page. */
  list<T extends KubernetesObject, F extends Form = 'object'>(
    kind: ResourceDescriptor<T>,
    options?: ListOptions & { readonly as?: F },
  ): F extends 'table' ? TablePages : ObjectPages<InForm<T, Exclude<F, 'table'>>>;
  /** Reads one page as the server sends it; `metadata.continue` leads to the next. */
  listPage<T extends KubernetesObject>(
    kind: ResourceDescriptor<T>,
    options?: ListPageOptions,
  ): Promise<ObjectList<T>>;
  /** The changes of a collection over one connection. Leaving the loop closes it. */
  watch<T extends KubernetesObject, F extends Form = 'object'>(
    kind: ResourceDescriptor<T>,
    options?: WatchOptions & { readonly as?: F },
  ): EventStream<InForm<T, F>>;
  /** A collection and all its changes, through every interruption, until the signal aborts. */
  reflect<T extends KubernetesObject, F extends Exclude<Form, 'table'> = 'object'>(
    kind: ResourceDescriptor<T>,
    options?: ReflectOptions & { readonly as?: F },
  ): Reflection<InForm<T, F>>;

  create<T extends KubernetesObject>(
    kind: ResourceDescriptor<T>,
    object: T | DeepReadonly<T>,
    options?: WriteOptions,
  ): Promise<T>;
  /** Puts an object in the place of the stored one; a resourceVersion in it must be the stored one. */
  replace<T extends KubernetesObject>(
    kind: ResourceDescriptor<T>,
    object: T | DeepReadonly<T>,
    options?: WriteOptions,
  ): Promise<T>;
  /** Gets an object, lets `change` edit it and puts it back; up to 5 times while others interfere. */
  update<T extends KubernetesObject>(
    kind: ResourceDescriptor<T>,
    name: string,
    change: ObjectChange<T>,
    options?: WriteOptions,
  ): Promise<T>;
  patch<T extends KubernetesObject>(
    kind: ResourceDescriptor<T>,
    name: string,
    patch: Patch,
    options?: WriteOptions,
  ): Promise<T>;
  /** Says which fields an object must have; they belong to the field manager from then on. */
  apply<T extends KubernetesObject>(
    kind: ResourceDescriptor<T>,
    object: ApplyShape<T>,
    options?: ApplyOptions,
  ): Promise<T>;
  /** Answers the object while it is still going (finalizers, grace period), else a Status. */
  delete<T extends KubernetesObject>(
    kind: ResourceDescriptor<T>,
    name: string,
    options?: DeleteOptions,
  ): Promise<T | Status>;
  deleteCollection(kind: ResourceDescriptor, options?: DeleteCollectionOptions): Promise<void>;

  /** A part of an object: `status`, `scale`, `resize`, `ephemeralcontainers`. */
  subresource<S extends KubernetesObject>(
    kind: ResourceDescriptor<S>,
    name: string,
    subresource: string,
    options?: NamespaceOption,
  ): Subresource<S>;
  /** Waits until an object is as wanted, and answers it; undefined when it had to be gone. */
  waitFor<T extends KubernetesObject>(
    kind: ResourceDescriptor<T>,
    name: string,
    goal: WaitGoal<T>,
    options?: WaitOptions,
  ): Promise<T | undefined>;
  /** Sends any request, and answers a success as it comes: the body is the caller's to read. */
  request(request: RawRequest): Promise<HttpResponse>;
}

/** A request in the caller's own words. */
export interface RawRequest {
  /** `GET` when absent. */
  readonly method?: string;
  /** Percent-encoded, starting with `/`. */
  readonly path: string;
  readonly query?: QueryValues;
  readonly headers?: HttpHeaders;
  /** Sent as JSON, unless it is bytes. */
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/** Makes a client over a transport. Sends nothing. */
export function createClient(options: ClientOptions): Client {
  const { transport, clock, random, namespace = 'default', fieldManager, upgrade } = options;
  const context = {
    transport,
    clock,
    random,
    namespace,
    ...(fieldManager === undefined ? {} : { fieldManager }),
  };
  return {
    namespace,
    transport,
    clock,
    random,
    ...(upgrade === undefined ? {} : { upgrade }),
    ...readCalls(context),
    ...writeCalls(context),
    ...followCalls(context),
    subresource: (kind, name, subresource, where = {}) =>
      subresourceOf(context, { kind, name, subresource }, where),
    request: (request) => sendRaw(transport, request),
  };
}

function readCalls(context: CallContext): Pick<Client, 'get' | 'find' | 'list' | 'listPage'> {
  return {
    get: (kind, name, options = {}) => getObject(context, { kind, name }, options),
    find: (kind, name, options = {}) => findObject(context, { kind, name }, options),
    list: ((kind: ResourceDescriptor, options: ListOptions & { as?: Form } = {}) =>
      options.as === 'table'
        ? listTables(context, kind, options)
        : listObjects(context, kind, options)) as Client['list'],
    listPage: (kind, options = {}) => fetchPage(context, kind, options),
  };
}

// What follows is loaded by its first use: most programs use little of it.

function followCalls(
  context: CallContext & { readonly random: Random },
): Pick<Client, 'watch' | 'reflect' | 'waitFor'> {
  return {
    // A call that cannot be made throws to its caller, not to the reader of the stream.
    watch: ((kind: ResourceDescriptor, options: WatchOptions & { as?: Form } = {}) => {
      collectionPath(context, kind, options);
      return lateStream(async () => {
        const { watchObjects } = await import('./resource/watch-resource.ts');
        return watchObjects(context, kind, options);
      });
    }) as Client['watch'],
    reflect: ((kind: ResourceDescriptor, options: ReflectOptions & { as?: Form } = {}) => {
      collectionPath(context, kind, options);
      return lateStream(async () => {
        const { reflectObjects } = await import('./reflect/reflector.ts');
        return reflectObjects(context, kind, options);
      });
    }) as Client['reflect'],
    async waitFor(kind, name, goal, options = {}) {
      const { waitForObject } = await import('./resource/wait-for.ts');
      return waitForObject(context, { kind, name, goal }, options);
    },
  };
}

function writeCalls(
  context: CallContext,
): Pick<
  Client,
  'create' | 'replace' | 'update' | 'patch' | 'apply' | 'delete' | 'deleteCollection'
> {
  const writing = (): Promise<typeof import('./resource/write-resource.ts')> =>
    import('./resource/write-resource.ts');
  return {
    create: async (kind, object, options = {}) =>
      (await writing()).createObject(context, { kind, object }, options),
    replace: async (kind, object, options = {}) =>
      (await writing()).replaceObject(context, { kind, object }, options),
    update: async (kind, name, change, options = {}) =>
      (await writing()).updateObject(context, { kind, name, change }, options),
    patch: async (kind, name, patch, options = {}) =>
      (await writing()).patchObject(context, { kind, name, patch }, options),
    apply: async (kind, object, options = {}) =>
      (await writing()).applyObject(context, { kind, object }, options),
    delete: async (kind, name, options = {}) =>
      (await writing()).deleteObject(context, { kind, name }, options),
    deleteCollection: async (kind, options = {}) =>
      (await writing()).deleteObjects(context, kind, options),
  };
}

async function sendRaw(transport: Handler, raw: RawRequest): Promise<HttpResponse> {
  const request = buildRequest({ ...raw, method: raw.method ?? 'GET' });
  const response = await transport(request);
  await requireSuccess(request, response);
  return response;
}
