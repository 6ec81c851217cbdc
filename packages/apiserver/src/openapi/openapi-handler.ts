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
 * Answers `/openapi/v2`, `/openapi/v3` and `/openapi/v3/PATH-OF-A-GROUP-VERSION`.
 *
 * Errors: NotFound, MethodNotAllowed and NotAcceptable `ApiError`s.
 * Source: Kubernetes documentation, "The Kubernetes API", "OpenAPI interface definition".
 */
export function openApiHandler(documents: OpenApiDocuments): Handler {
  return async (request) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') throw wrongMethod();
    const path = request.path.replace(/\/+$/, '');
    if (path === '/openapi/v2') return answerSwagger(request, documents);
    if (path === '/openapi/v3') {
      const document = chooseJson(request, await documents.index());
      return answer(request, document, { 'content-type': 'text/plain; charset=utf-8' });
    }
    const document = path.startsWith(groupVersions)
      ? await documents.groupVersion(path.slice(groupVersions.length))
      : undefined;
    if (document === undefined) throw unknownPath();
    return answerGroupVersion(request, document);
  };
}

const groupVersions = '/openapi/v3/';
const swaggerProtobuf = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';

/** How clients ask for the protobuf form; the last is the name of what they get. */
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
function answerGroupVersion(request: HttpRequest, document: EncodedDocument): HttpResponse {
  chooseJson(request, document);
  const asked = new URLSearchParams(request.query).get('hash');
  if (asked !== null && asked !== document.hash) {
    const path = `${request.path}?hash=${document.hash}`;
    return {
      status: 301,
      headers: { location: path, 'cache-control': 'no-store' },
      body: undefined,
    };
  }
  return answer(request, document, {
    'content-type': 'application/json',
    ...(asked === null ? {} : { 'cache-control': 'public, immutable' }),
  });
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
