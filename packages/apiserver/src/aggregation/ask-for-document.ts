import { collectBody, decodeJson, headerOf } from '@fairway/protocol';
import type { APIService } from '@fairway/kinds/apiregistration/v1';
import { releaseBody } from '@fairway/serving';
import { firstReached } from '../proxying/first-reached.ts';
import { aggregatorRequest } from './aggregator-request.ts';
import { type ExtensionParts, waysTo } from './extension-ways.ts';

/** What is read of a document, about twice what Kubernetes has; who sends more is taken for one that says nothing. */
const documentBytesMax = 4 * 1024 * 1024;
/** Fields and elements of a document, and fields of one object in it: Kubernetes has 53,000 and 584. */
const documentValuesMax = 500_000;
const documentFieldsMax = 20_000;

/** What a document of a server says, and the tag by which it tells whether it has changed. */
export interface ToldDocument<Content> {
  readonly etag: string | undefined;
  /** Undefined: the server has none, or one of another kind. */
  readonly content: Content | undefined;
}

/** A document of which the reader makes what it says. */
export interface AskedDocument<Content> {
  readonly path: string;
  readonly accept: string;
  readonly read: (bytes: Uint8Array) => Content | undefined;
  readonly known: ToldDocument<Content> | undefined;
  readonly signal: AbortSignal;
}

/**
 * Asks a server behind a service for a document. Answers `known` when the server says that it has not
 * changed.
 *
 * Errors: an `Error` that says why there is none.
 */
export async function askForDocument<Content>(
  parts: ExtensionParts,
  apiService: APIService,
  { path, accept, read, known, signal }: AskedDocument<Content>,
): Promise<ToldDocument<Content>> {
  const headers = { accept, ...(known?.etag && { 'if-none-match': known.etag }) };
  const request = aggregatorRequest(path, { headers, signal });
  const response = await firstReached(waysTo(parts, apiService), request, ({ upstream }) =>
    upstream.send(request),
  );
  const { status, body } = response;
  if (status === 200) {
    const tooLong = (): Error => new Error(`${path} has more than ${documentBytesMax} bytes`);
    const bytes = await collectBody(body, { bytesMax: documentBytesMax, tooLong });
    return { etag: headerOf(response.headers, 'etag'), content: read(bytes) };
  }
  releaseBody(body);
  if (status === 304 && known !== undefined) return known;
  if (status === 404 || status === 406) return { etag: undefined, content: undefined };
  throw new Error(`${path} is answered with ${status}`);
}

/** The JSON of a document. Errors: an `Error` that says why it is none, or too much. */
export function jsonOfDocument(bytes: Uint8Array): unknown {
  const limits = { valuesMax: documentValuesMax, fieldsMax: documentFieldsMax };
  const decoded = decodeJson(bytes, limits);
  if (decoded.kind === 'decoded') return decoded.value;
  throw new Error(`a document cannot be read: ${decoded.problem}`);
}
