import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type ClientHttp2Session, connect } from 'node:http2';
import { join } from 'node:path';

/** Where a server is, and the data directory whose certificates it and its admin have. */
export interface ServerAddress {
  readonly url: string;
  readonly directory: string;
}

export interface Session extends AsyncDisposable {
  readonly http2: ClientHttp2Session;
}

const windowBytes = 16 * 1024 * 1024;

/** By what the cluster's admin and the server know each other. */
export function tlsOf({
  directory,
}: ServerAddress): Readonly<Record<'ca' | 'cert' | 'key', Buffer>> {
  const read = (name: string): Buffer => readFileSync(join(directory, 'pki', name));
  return { ca: read('ca.crt'), cert: read('admin.crt'), key: read('admin.key') };
}

/** Connects as the cluster's admin, with windows as large as those of Go's client. */
export async function openSession(address: ServerAddress): Promise<Session> {
  const http2 = connect(address.url, {
    ...tlsOf(address),
    settings: { initialWindowSize: 4 * 1024 * 1024 },
  });
  await once(http2, 'connect');
  http2.setLocalWindowSize(windowBytes);
  const close = async (): Promise<void> => {
    const closed = once(http2, 'close');
    http2.destroy();
    await closed;
  };
  return { http2, [Symbol.asyncDispose]: close };
}

export interface LoadRequest {
  readonly path: string;
  readonly method?: string;
  readonly body?: string;
  /** JSON unless told. */
  readonly contentType?: string;
}

/** Sends a request; `onData` gets the body as it comes. Resolves with the status at its end. */
export function request(
  http2: ClientHttp2Session,
  { path, method = 'GET', body, contentType = 'application/json' }: LoadRequest,
  onData: (chunk: Buffer) => void,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const stream = http2.request(
      { ':path': path, ':method': method, 'content-type': contentType },
      { endStream: body === undefined },
    );
    let status = 0;
    stream.on('response', (headers) => (status = Number(headers[':status'])));
    stream.on('data', onData);
    stream.on('end', () => resolve(status));
    stream.on('error', reject);
    stream.on('close', () => reject(new Error(`${method} ${path} was cut off`)));
    if (body !== undefined) stream.end(body);
  });
}

export async function requestText(
  http2: ClientHttp2Session,
  options: LoadRequest,
): Promise<{ readonly status: number; readonly text: string }> {
  const chunks: Buffer[] = [];
  const status = await request(http2, options, (chunk) => chunks.push(chunk));
  return { status, text: Buffer.concat(chunks).toString() };
}

/** The same, for requests whose failure ends the measurement. */
export async function requestOk(http2: ClientHttp2Session, options: LoadRequest): Promise<string> {
  const { status, text } = await requestText(http2, options);
  if (status >= 300) throw new Error(`${options.method} ${options.path}: ${status} ${text}`);
  return text;
}
