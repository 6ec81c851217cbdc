import { createReadStream } from 'node:fs';
import type { Handler, HttpRequest, HttpResponse } from '@fairway/protocol';
import { headerOf } from '@fairway/protocol';
import { type Descriptor, isDigest, isObject, mediaTypes } from './image-documents.ts';
import { ImageError } from './image-error.ts';
import type { ImageFolder, StoredBlob } from './image-folder.ts';
import { ImageNameError, parseImageReference } from './image-reference.ts';

/**
 * The images of a folder as a registry from which they are pulled, and to which nothing is pushed. As a mirror
 * it is asked for the images of any registry (`?ns=docker.io`).
 *
 * Source: OCI distribution specification, pull.
 */
export function imageRegistry(folder: ImageFolder): Handler {
  return async (request) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return failure(405, 'UNSUPPORTED', 'images are only read here', { allow: 'GET, HEAD' });
    }
    if (/^\/v2\/?$/.test(request.path)) {
      return { status: 200, headers: jsonHeaders, body: Buffer.from('{}') };
    }
    const [, repository = '', kind, reference = ''] =
      /^\/v2\/(.+)\/(manifests|blobs)\/([^/]+)$/.exec(request.path) ?? [];
    if (kind === 'manifests')
      return await answerManifest({ folder, request, repository, reference });
    if (kind === 'blobs') return await answerBlob({ folder, request, digest: reference });
    return failure(404, 'NOT_FOUND', `there is nothing at ${request.path}`);
  };
}

interface ManifestQuestion {
  readonly folder: ImageFolder;
  readonly request: HttpRequest;
  readonly repository: string;
  /** A tag or a digest. */
  readonly reference: string;
}

async function answerManifest(question: ManifestQuestion): Promise<HttpResponse> {
  const { folder, request, reference } = question;
  const descriptor = await findManifest(question);
  const blob = descriptor && (await folder.blob(descriptor.digest));
  if (descriptor === undefined || blob === undefined) {
    return failure(404, 'MANIFEST_UNKNOWN', `no image with ${reference} was loaded`);
  }
  return answerBytes(request, blob, descriptor.mediaType);
}

async function findManifest(question: ManifestQuestion): Promise<Descriptor | undefined> {
  const { folder, request, repository, reference } = question;
  try {
    if (isDigest(reference)) return await manifestOf(folder, reference);
    const registry = new URLSearchParams(request.query).get('ns') ?? 'docker.io';
    const name = parseImageReference(`${registry}/${repository}:${reference}`);
    return (await folder.find(name))?.descriptor;
  } catch (error) {
    if (error instanceof ImageNameError || error instanceof ImageError) return undefined;
    throw error;
  }
}

/** Undefined when there is no manifest or index of this digest. */
async function manifestOf(folder: ImageFolder, digest: string): Promise<Descriptor | undefined> {
  const blob = await folder.blob(digest);
  const document = await folder.document(digest);
  if (blob === undefined || !isObject(document)) return undefined;
  const isIndex = Array.isArray(document['manifests']);
  if (!isIndex && !Array.isArray(document['layers'])) return undefined;
  const said = document['mediaType'];
  const usual = isIndex ? mediaTypes.index : mediaTypes.manifest;
  return { mediaType: typeof said === 'string' ? said : usual, digest, size: blob.sizeBytes };
}

async function answerBlob(question: {
  readonly folder: ImageFolder;
  readonly request: HttpRequest;
  readonly digest: string;
}): Promise<HttpResponse> {
  const { folder, request, digest } = question;
  const blob = await folder.blob(digest);
  if (blob === undefined) return failure(404, 'BLOB_UNKNOWN', `there is no ${digest}`);
  return answerBytes(request, blob, 'application/octet-stream');
}

function answerBytes(request: HttpRequest, blob: StoredBlob, mediaType: string): HttpResponse {
  const { sizeBytes, path, digest } = blob;
  const headers = {
    'content-type': mediaType,
    'docker-content-digest': digest,
    'accept-ranges': 'bytes',
  };
  const range = parseRange(headerOf(request.headers, 'range'), sizeBytes);
  if (range === 'beyond') {
    const bounds = { 'content-range': `bytes */${sizeBytes}` };
    return failure(416, 'SIZE_INVALID', `it has ${sizeBytes} bytes`, bounds);
  }
  const { start, end } = range ?? { start: 0, end: sizeBytes - 1 };
  const length = { 'content-length': String(end - start + 1) };
  const isEmpty = request.method === 'HEAD' || sizeBytes === 0;
  const body = isEmpty ? undefined : createReadStream(path, { start, end });
  if (range === undefined) return { status: 200, headers: { ...headers, ...length }, body };
  const part = { 'content-range': `bytes ${start}-${end}/${sizeBytes}` };
  return { status: 206, headers: { ...headers, ...length, ...part }, body };
}

/** Undefined: all of it. Source: RFC 9110, range requests; one range, as pulls resume. */
function parseRange(
  header: string | undefined,
  sizeBytes: number,
): { readonly start: number; readonly end: number } | 'beyond' | undefined {
  const [, from = '', to = ''] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (from === '' && to === '') return undefined;
  const start = from === '' ? Math.max(sizeBytes - Number(to), 0) : Number(from);
  const end = from === '' || to === '' ? sizeBytes - 1 : Math.min(Number(to), sizeBytes - 1);
  return start > end ? 'beyond' : { start, end };
}

const jsonHeaders = {
  'content-type': 'application/json',
  'docker-distribution-api-version': 'registry/2.0',
} as const;

function failure(
  status: number,
  code: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): HttpResponse {
  const body = Buffer.from(JSON.stringify({ errors: [{ code, message }] }));
  return { status, headers: { ...jsonHeaders, ...headers }, body };
}
