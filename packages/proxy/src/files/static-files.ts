import { createReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { extname, join, resolve, sep } from 'node:path';
import type { Handler, HttpRequest, HttpResponse } from '@fairway/protocol';

/**
 * Answers GET and HEAD with the files of a folder, `index.html` for a folder inside it.
 *
 * Neither names that start with a dot nor links that lead out of the folder are followed.
 */
export function staticFiles(directory: string): Handler {
  return async (request) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return { ...plain(405, 'method not allowed\n'), headers: { ...text, allow: 'GET, HEAD' } };
    }
    const found = await findFile(directory, request.path);
    if (found.kind === 'nothing') return plain(404, '404 page not found\n');
    return found.kind === 'folder' ? redirectInto(request) : answerFile(found.path, request);
  };
}

const text = {
  'content-type': 'text/plain; charset=utf-8',
  'x-content-type-options': 'nosniff',
} as const;

function plain(status: number, body: string): HttpResponse {
  return { status, headers: text, body: Buffer.from(body) };
}

// Relative links of an index are seen from its folder only with a slash at the end.
function redirectInto({ path, query }: HttpRequest): HttpResponse {
  const name = path.split('/').at(-1) ?? '';
  const location = `./${name}/${query === '' ? '' : `?${query}`}`;
  return { status: 301, headers: { ...text, location }, body: undefined };
}

type Found =
  | { readonly kind: 'nothing' }
  /** Asked for without a slash at the end. */
  | { readonly kind: 'folder' }
  | { readonly kind: 'file'; readonly path: string };

const nothing: Found = { kind: 'nothing' };

async function findFile(directory: string, urlPath: string): Promise<Found> {
  const names = namesOf(urlPath);
  const root = await realPathOf(resolve(directory));
  if (names === undefined || root === undefined) return nothing;
  const asked = join(root, ...names);
  if (urlPath.endsWith('/')) return fileInside(root, join(asked, 'index.html'));
  const path = await realPathOf(asked);
  if (path === undefined || !isInside(root, path)) return nothing;
  return (await stat(path)).isDirectory() ? { kind: 'folder' } : fileInside(root, path);
}

async function fileInside(root: string, asked: string): Promise<Found> {
  const path = await realPathOf(asked);
  if (path === undefined || !isInside(root, path)) return nothing;
  return (await stat(path)).isFile() ? { kind: 'file', path } : nothing;
}

function namesOf(urlPath: string): readonly string[] | undefined {
  const names: string[] = [];
  for (const segment of urlPath.split('/')) {
    const name = decoded(segment);
    if (name === undefined || name.startsWith('.') || /[/\\\0]/.test(name)) return undefined;
    if (name !== '') names.push(name);
  }
  return names;
}

function decoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}

// A link may lead to a name that starts with a dot: that one was put there on purpose.
function isInside(root: string, path: string): boolean {
  return path === root || path.startsWith(root.endsWith(sep) ? root : root + sep);
}

async function realPathOf(path: string): Promise<string | undefined> {
  try {
    return await realpath(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG', 'EACCES'].includes(code)) return undefined;
    throw error;
  }
}

async function answerFile(path: string, request: HttpRequest): Promise<HttpResponse> {
  const { size, mtime } = await stat(path);
  const modified = mtime.toUTCString();
  const headers = {
    'content-type': contentTypes[extname(path).toLowerCase()] ?? 'application/octet-stream',
    'x-content-type-options': 'nosniff',
    'last-modified': modified,
    'cache-control': 'no-cache',
  };
  if (request.headers['if-modified-since'] === modified) {
    return { status: 304, headers, body: undefined };
  }
  const isHead = request.method === 'HEAD';
  const body = isHead || size === 0 ? undefined : createReadStream(path, { end: size - 1 });
  return { status: 200, headers: { ...headers, 'content-length': String(size) }, body };
}

const contentTypes: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.gif': 'image/gif',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.jpeg': 'image/jpeg',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.mjs': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
};
