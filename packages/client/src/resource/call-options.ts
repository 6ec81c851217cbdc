import type { KubernetesObject, ListMeta, ObjectMeta } from '@fairway/protocol';

/** What every call takes. */
export interface CallOptions {
  /** Ends the call; what it was waiting for is let go. */
  readonly signal?: AbortSignal;
}

/** What every call takes that is a request and its answer. */
export interface RequestOptions extends CallOptions {
  /**
   * Bound on each request of the call, with what it repeats and all of its answer. A list is a
   * request for each page. Absent: that of the connection, if it has one.
   */
  readonly timeoutMs?: number;
  /** False: the request is sent once, without retries. Absent: as the connection does. */
  readonly isRetryWanted?: boolean;
}

/**
 * Where an object lives. Absent: the namespace of the client; given but undefined: a `TypeError`,
 * because the caller meant to give one. Ignored for cluster-scoped kinds.
 */
export interface NamespaceOption {
  readonly namespace?: string;
}

/** What the rows of a table hold of their objects; `Metadata` when absent. Source: meta/v1 TableOptions. */
export interface TableOptions {
  readonly includeObject?: 'None' | 'Metadata' | 'Object';
}

export interface GetOptions extends RequestOptions, NamespaceOption, TableOptions {
  /** `0`: what a cache of the server has, however old. Absent: the latest. */
  readonly resourceVersion?: string;
}

/** Which objects of a collection. */
export interface SelectOptions extends NamespaceOption {
  /** Every namespace that there is; `namespace` must be absent. */
  readonly allNamespaces?: boolean;
  /** `app=web,tier!=cache`, or labels that must all be equal. */
  readonly labelSelector?: string | Readonly<Record<string, string>>;
  /** `status.phase=Running`, or fields that must all be equal. */
  readonly fieldSelector?: string | Readonly<Record<string, string>>;
}

export interface ListOptions extends RequestOptions, SelectOptions, TableOptions {
  /** Objects per request, 500 when absent; 0 asks for all of them at once. */
  readonly limit?: number;
  readonly resourceVersion?: string;
  readonly resourceVersionMatch?: 'Exact' | 'NotOlderThan';
  readonly timeoutSeconds?: number;
}

/** One page, asked for by hand. */
export interface ListPageOptions extends ListOptions {
  /** From `metadata.continue` of the page before. */
  readonly continue?: string;
}

export interface WatchOptions extends CallOptions, SelectOptions {
  /** Events after this version. Absent: first an ADDED for everything that exists. */
  readonly resourceVersion?: string;
  readonly resourceVersionMatch?: 'NotOlderThan';
  /** Send what exists first, and then a bookmark that marks its end. */
  readonly sendInitialEvents?: boolean;
  readonly allowWatchBookmarks?: boolean;
  /** The server ends the watch after this long. */
  readonly timeoutSeconds?: number;
}

/** What every call that changes something takes. */
export interface WriteOptions extends RequestOptions, NamespaceOption {
  /** Go through everything but the storing. */
  readonly dryRun?: boolean;
  /** Who owns the fields that change. Absent: the manager of the client. */
  readonly fieldManager?: string;
  /** What becomes of fields that the server does not know, or that come twice. */
  readonly fieldValidation?: 'Strict' | 'Warn' | 'Ignore';
}

export interface ApplyOptions extends WriteOptions {
  /** Take over fields that another manager owns. */
  readonly force?: boolean;
}

export interface DeleteOptions extends RequestOptions, NamespaceOption {
  readonly dryRun?: boolean;
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
  /** Delete only if this is still the object that is meant. */
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
}

export interface DeleteCollectionOptions
  extends Omit<DeleteOptions, 'preconditions'>, SelectOptions {
  readonly resourceVersion?: string;
  readonly resourceVersionMatch?: 'Exact' | 'NotOlderThan';
}

/** A change to an object. Which one it is decides the content type. */
export type Patch =
  /** RFC 7396. */
  | { readonly merge: unknown }
  /** RFC 6902. */
  | { readonly json: readonly JsonPatchOperation[] }
  /** Lists merge by their keys; built-in kinds only. */
  | { readonly strategic: unknown };

export interface JsonPatchOperation {
  readonly op: 'add' | 'remove' | 'replace' | 'move' | 'copy' | 'test';
  readonly path: string;
  readonly from?: string;
  readonly value?: unknown;
}

/** In which form an answer is wanted: whole, without spec and status, or as rows for people. */
export type Form = 'object' | 'metadata' | 'table';

/** The type of an object of `T` in a form. */
export type InForm<T extends KubernetesObject, F extends Form> = F extends 'metadata'
  ? PartialObjectMetadata
  : F extends 'table'
    ? Table
    : T;

/** Of a call's options, those of its requests. */
export function requestOptionsOf({
  signal,
  timeoutMs,
  isRetryWanted,
}: RequestOptions): RequestOptions {
  return {
    ...(signal === undefined ? {} : { signal }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(isRetryWanted === undefined ? {} : { isRetryWanted }),
  };
}

/** An object without spec and status. Source: meta/v1. */
export interface PartialObjectMetadata extends KubernetesObject {
  readonly metadata: ObjectMeta;
}

/** What a server prints for people. Source: meta/v1 Table. */
export interface Table {
  readonly kind: 'Table';
  readonly apiVersion: string;
  readonly metadata: ListMeta;
  readonly columnDefinitions: readonly TableColumn[];
  readonly rows: readonly TableRow[];
}

export interface TableColumn {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly description: string;
  /** 0 is always shown; more is shown when there is room. */
  readonly priority: number;
}

export interface TableRow {
  readonly cells: readonly unknown[];
  readonly object?: PartialObjectMetadata;
}
