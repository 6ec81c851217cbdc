import {
  type Handler,
  type HttpHeaders,
  type ResourceDescriptor,
  formatResourcePath,
} from '@fairway/protocol';
import type { Clock } from '@fairway/host';
import { type QueryValues, buildRequest } from './build-request.ts';
import { callWithin } from '../reflect/call-within.ts';
import type {
  Form,
  NamespaceOption,
  RequestOptions,
  SelectOptions,
  WriteOptions,
} from './call-options.ts';
import { decodeResponse } from './decode-response.ts';

/** What a call needs from the client that it belongs to. */
export interface CallContext {
  readonly transport: Handler;
  readonly clock: Clock;
  /** For calls that name no namespace. */
  readonly namespace: string;
  readonly fieldManager?: string;
}

/** One call on a resource. */
export interface ResourceCall {
  readonly method: string;
  readonly kind: ResourceDescriptor;
  /** Absent: all namespaces, or a kind that has none. */
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly subresource?: string | undefined;
  readonly query?: QueryValues;
  readonly headers?: HttpHeaders;
  readonly body?: unknown;
  readonly limits?: RequestOptions;
}

/** Sends a call and decodes its answer. `T` is what the server promises to send. */
export async function callResource<T>(
  { transport, clock }: Pick<CallContext, 'transport' | 'clock'>,
  call: ResourceCall,
): Promise<T> {
  const { method, query, headers, body } = call;
  const { signal = new AbortController().signal, timeoutMs, isRetryWanted } = call.limits ?? {};
  const path = callPath(call);
  const exchange = async (ended: AbortSignal): Promise<T> => {
    const request = buildRequest({
      method,
      path,
      ...(query === undefined ? {} : { query }),
      ...(headers === undefined ? {} : { headers }),
      body,
      signal: ended,
      ...(isRetryWanted === undefined ? {} : { isRetryWanted }),
    });
    return (await decodeResponse(request, await transport(request))) as T;
  };
  signal.throwIfAborted();
  if (timeoutMs === undefined) return exchange(signal);
  return callWithin({ clock, timeoutMs, signal, what: `${method} ${path}` }, exchange);
}

/** The path of a call. */
export function callPath({ kind, namespace, name, subresource }: ResourceCall): string {
  return formatResourcePath(kind, {
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
    ...(subresource === undefined ? {} : { subresource }),
  });
}

/** The namespace of one object: the call's, else the object's, else the client's. */
export function namespaceOf(
  context: CallContext,
  kind: ResourceDescriptor,
  { namespace }: NamespaceOption,
): string | undefined {
  return kind.isNamespaced ? (namespace ?? context.namespace) : undefined;
}

/** The namespace of a collection; undefined for all of them. */
export function namespaceOfAll(
  context: CallContext,
  kind: ResourceDescriptor,
  options: SelectOptions,
): string | undefined {
  if (options.allNamespaces !== true) return namespaceOf(context, kind, options);
  if (options.namespace === undefined) return undefined;
  throw new TypeError(
    `${kind.plural} in all namespaces and in "${options.namespace}" at once: leave out one of "namespace" and "allNamespaces"`,
  );
}

/** Selectors as a query has them. */
export function selectorQuery({ labelSelector, fieldSelector }: SelectOptions): QueryValues {
  return {
    labelSelector: selectorText(labelSelector),
    fieldSelector: selectorText(fieldSelector),
  };
}

function selectorText(
  selector: string | Readonly<Record<string, string>> | undefined,
): string | undefined {
  if (selector === undefined || typeof selector === 'string') return selector;
  return Object.entries(selector)
    .map(([name, value]) => `${name}=${value}`)
    .join(',');
}

/** What a write says about itself in its query. */
export function writeQuery(context: CallContext, options: WriteOptions): QueryValues {
  return {
    dryRun: options.dryRun === true ? 'All' : undefined,
    fieldManager: options.fieldManager ?? context.fieldManager,
    fieldValidation: options.fieldValidation,
  };
}

/** Asks for one object, or the objects of a watch, in a form. */
export function acceptObject(form: Form | undefined): HttpHeaders {
  return acceptAs(form, 'PartialObjectMetadata');
}

/** Asks for a collection in a form. */
export function acceptList(form: Form | undefined): HttpHeaders {
  return acceptAs(form, 'PartialObjectMetadataList');
}

function acceptAs(form: Form | undefined, metadataKind: string): HttpHeaders {
  if (form === undefined || form === 'object') return {};
  const kind = form === 'table' ? 'Table' : metadataKind;
  return { accept: `application/json;as=${kind};g=meta.k8s.io;v=v1,application/json` };
}
