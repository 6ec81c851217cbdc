import { type HttpResponse, collectBody, headerOf, parseJson } from '@fairway/protocol';
import type { APIService } from '@fairway/kinds/apiregistration/v1';
import { releaseBody } from '@fairway/serving';
import { firstReached } from '../proxying/first-reached.ts';
import { aggregatorRequest } from './aggregator-request.ts';
import { type ExtensionParts, waysTo } from './extension-ways.ts';

/** What is read of a document; a server that sends more is taken for one that says nothing. */
const documentBytesMax = 16 * 1024 * 1024;

/** A document of a server, and the tag by which it says whether it has changed. */
export interface ToldDocument {
  readonly etag: string | undefined;
  /** Undefined: the server has none. */
  readonly document: unknown;
}

/**
 * Asks a server behind a service for a document in JSON. Answers `known` when the server says that it has not
 * changed.
 *
 * Errors: an `Error` that says why there is none.
 */
export async function askForDocument(
  parts: ExtensionParts,
  apiService: APIService,
  asked: {
    readonly path: string;
    readonly accept: string;
    readonly known?: ToldDocument | undefined;
    readonly signal: AbortSignal;
  },
): Promise<ToldDocument> {
  const { path, accept, known, signal } = asked;
  const headers = { accept, ...(known?.etag && { 'if-none-match': known.etag }) };
  const request = aggregatorRequest(path, { headers, signal });
  const response = await firstReached(waysTo(parts, apiService), request, ({ upstream }) =>
    upstream.send(request),
  );
  const { status, body } = response;
  if (status === 304 && known !== undefined) {
    releaseBody(body);
    return known;
  }
  if (status === 404 || status === 406) {
    releaseBody(body);
    return { etag: undefined, document: undefined };
  }
  if (status !== 200) {
    releaseBody(body);
    throw new Error(`${path} is answered with ${status}`);
  }
  return { etag: headerOf(response.headers, 'etag'), document: await readJson(response) };
}

async function readJson({ body }: HttpResponse): Promise<unknown> {
  const tooLong = (): Error => new Error(`a document has more than ${documentBytesMax} bytes`);
  const bytes = await collectBody(body, { bytesMax: documentBytesMax, tooLong });
  return parseJson(Buffer.from(bytes).toString());
}
