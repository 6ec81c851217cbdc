import type { Handler, HttpHeaders } from '@fairway/protocol';
import type { Clock } from '@fairway/host';
import { type QueryValues, buildRequest } from './build-request.ts';
import { callWithin } from '../transport/call-within.ts';
import type { Form, RequestOptions, SelectOptions, WriteOptions } from './call-options.ts';
import { decodeResponse } from './decode-response.ts';
import { requireObjectAnswer } from './require-answer.ts';

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
  /** From `objectPath` or `collectionPath`, which say what is meant. */
  readonly path: string;
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
  const { method, path, query, headers, body } = call;
  const { signal = new AbortController().signal, timeoutMs, isRetryWanted } = call.limits ?? {};
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
    const answer = await decodeResponse(request, await transport(request));
    requireObjectAnswer(request, answer);
    return answer as T;
  };
  signal.throwIfAborted();
  if (timeoutMs === undefined) return exchange(signal);
  return callWithin({ clock, timeoutMs, signal, what: `${method} ${path}` }, exchange);
}

/** Selectors as a query has them. */
export function selectorQuery({ labelSelector, fieldSelector }: SelectOptions): QueryValues {
  return {
    labelSelector: selectorText('labelSelector', labelSelector),
    fieldSelector: selectorText('fieldSelector', fieldSelector),
  };
}

function selectorText(
  what: string,
  selector: string | Readonly<Record<string, string>> | undefined,
): string | undefined {
  if (selector === undefined || typeof selector === 'string') return selector;
  return Object.entries(selector)
    .map(([name, value]) => {
      if (typeof value === 'string') return `${name}=${value}`;
      throw new TypeError(`${what}: the value of "${name}" must be a text, and not ${value}`);
    })
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
