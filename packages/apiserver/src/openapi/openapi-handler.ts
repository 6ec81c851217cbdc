import type { AuthorizedRequest } from '@fairway/access';
import {
  type Handler,
  type HttpRequest,
  type HttpResponse,
  apiError,
  headerOf,
  negotiateMediaType,
} from '@fairway/protocol';
import { isUnchanged } from '../content/is-unchanged.ts';
import type { EncodedDocument } from './make-document.ts';
import type { OpenApiDocuments } from './open-api-documents.ts';

/**
 * Answers `/openapi/v2`, `/openapi/v3` and what the latter names: `/openapi/v3/apis/apps/v1`.
 *
 * Errors: NotFound, MethodNotAllowed and NotAcceptable `ApiError`s.
 * Source: Kubernetes documentation, "The Kubernetes API", "OpenAPI interface definition".
 */
export function openApiHandler(documents: OpenApiDocuments): Handler<AuthorizedRequest> {
  return async (request) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') throw wrongMethod();
    const path = request.path.replace(/\/+$/, '');
    if (path === '/openapi/v2') return answerSwagger(request, documents);
    if (path === '/openapi/v3') {
      const document = chooseJson(request, await documents.index());
      return answer(request, document, { 'content-type': 'text/plain; charset=utf-8' });
    }
    if (!path.startsWith(belowIndex)) throw unknownPath();
    const place = path.slice(belowIndex.length);
    const extension = documents.answering(place);
    if (extension !== undefined) return extension.handler(request);
    return answerDocument(request, documents, place);
  };
}

const belowIndex = '/openapi/v3/';
const openApiProtobuf = 'application/com.github.proto-openapi.spec.v3.v1.0+protobuf';
const swaggerProtobuf = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';

/** How clients ask for the protobuf forms; the last is the name of what they get. */
const openApiTypes = [
  { type: 'application/json', form: 'json' },
  { type: 'application/com.github.proto-openapi.spec.v3@v1.0+protobuf', form: 'protobuf' },
  { type: openApiProtobuf, form: 'protobuf' },
] as const;
const swaggerTypes = [
  { type: 'application/json', form: 'json' },
  { type: 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf', form: 'protobuf' },
  { type: swaggerProtobuf, form: 'protobuf' },
] as const;

async function answerSwagger(
  request: HttpRequest,
  documents: OpenApiDocuments,
): Promise<HttpResponse> {
  const accept = headerOf(request.headers, 'accept');
  const form = negotiateMediaType(accept, swaggerTypes)?.offer.form;
  if (form === undefined) throw notAcceptable(swaggerTypes.map(({ type }) => type));
  const contentType = form === 'json' ? 'application/json' : swaggerProtobuf;
  return answer(request, await documents.swagger(form), { 'content-type': contentType });
}

/** A caller that names the hash of what it wants may keep the answer for good. */
async function answerDocument(
  request: HttpRequest,
  documents: OpenApiDocuments,
  path: string,
): Promise<HttpResponse> {
  const accept = headerOf(request.headers, 'accept');
  const form = negotiateMediaType(accept, openApiTypes)?.offer.form;
  if (form === undefined) throw notAcceptable(openApiTypes.map(({ type }) => type));
  const document = await documents.at(path, 'json');
  if (document === undefined) throw unknownPath();
  const asked = new URLSearchParams(request.query).get('hash');
  if (asked !== null && asked !== document.hash) {
    const location = `${request.path}?hash=${document.hash}`;
    return { status: 301, headers: { location, 'cache-control': 'no-store' }, body: undefined };
  }
  const own = {
    'content-type': form === 'json' ? 'application/json' : openApiProtobuf,
    ...(asked === null ? {} : { 'cache-control': 'public, immutable' }),
  };
  const encoded = form === 'json' ? document : await documents.at(path, form);
  // Both forms say the same, and the index names one hash for them.
  return answer(request, { pieces: encoded?.pieces ?? [], hash: document.hash }, own);
}

function chooseJson(request: HttpRequest, document: EncodedDocument): EncodedDocument {
  const offered = [{ type: 'application/json' }, { type: 'text/plain' }];
  if (negotiateMediaType(headerOf(request.headers, 'accept'), offered) !== undefined)
    return document;
  throw notAcceptable(['application/json']);
}

function answer(
  request: HttpRequest,
  { pieces, hash }: EncodedDocument,
  own: Readonly<Record<string, string>>,
): HttpResponse {
  const etag = `"${hash}"`;
  const headers = { 'cache-control': 'no-cache, private', etag, vary: 'Accept', ...own };
  if (isUnchanged(request, etag)) {
    return { status: 304, headers, body: undefined };
  }
  return { status: 200, headers, body: Buffer.concat(pieces) };
}

function notAcceptable(types: readonly string[]): Error {
  const message = `only the following media types are accepted: ${types.join(', ')}`;
  return apiError('NotAcceptable', message);
}

function unknownPath(): Error {
  return apiError('NotFound', 'the server could not find the requested resource', {});
}

function wrongMethod(): Error {
  const message = 'the server does not allow this method on the requested resource';
  return apiError('MethodNotAllowed', message, {});
}
