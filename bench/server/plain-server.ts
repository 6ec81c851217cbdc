/**
 * What Node.js can do at most: an HTTP/2 server with TLS that knows no API and answers with bytes
 * that lie ready. A same-run peer, because the speed of a shared machine changes by the minute.
 *
 * `node plain-server.ts DATA LIST` prints the port; DATA has the certificates, LIST the bytes.
 */
import { readFileSync } from 'node:fs';
import { type ServerHttp2Stream, createSecureServer } from 'node:http2';
import { join } from 'node:path';

const [directory = '', listFile = ''] = process.argv.slice(2);
const chunkBytes = 1024 * 1024;
const list = readFileSync(listFile);
/** By the path of a collection: who watches it, and what a new watch begins with. */
const collections = new Map<string, Collection>();

interface Collection {
  readonly watchers: Set<ServerHttp2Stream>;
  readonly created: Buffer[];
}

const server = createSecureServer({
  cert: readFileSync(join(directory, 'pki/server.crt')),
  key: readFileSync(join(directory, 'pki/server.key')),
  settings: { maxConcurrentStreams: 250 },
});
server.on('stream', (stream, headers) => {
  stream.on('error', () => {});
  const path = headers[':path'] ?? '';
  if (path.includes('watch=1')) watch(stream, collectionAt(path));
  else if (headers[':method'] === 'GET') void sendList(stream);
  else receive(stream, path);
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address !== null && typeof address !== 'string') console.log(address.port);
});
process.once('SIGTERM', () => process.exit(0));

async function sendList(stream: ServerHttp2Stream): Promise<void> {
  stream.respond({ ':status': 200 });
  for (let at = 0; at < list.length; at += chunkBytes) {
    if (stream.write(list.subarray(at, at + chunkBytes))) continue;
    await new Promise<void>((resolve) => stream.once('drain', resolve));
  }
  stream.end();
}

function watch(stream: ServerHttp2Stream, { watchers, created }: Collection): void {
  stream.respond({ ':status': 200 });
  for (const frame of created) stream.write(frame);
  watchers.add(stream);
  stream.once('close', () => watchers.delete(stream));
}

function receive(stream: ServerHttp2Stream, path: string): void {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  stream.once('end', () => {
    const body = Buffer.concat(chunks);
    stream.respond({ ':status': 201 });
    stream.end(body);
    if (!path.includes('/secrets')) return;
    const { watchers, created } = collectionAt(path);
    const frame = Buffer.from(`{"type":"MODIFIED","object":${body.toString()}}\n`);
    if (path.endsWith('/secrets')) created.push(frame);
    for (const watcher of watchers) watcher.write(frame);
  });
}

function collectionAt(path: string): Collection {
  const [, name = ''] = /^(.*\/secrets)/.exec(path) ?? [];
  const collection = collections.get(name) ?? { watchers: new Set(), created: [] };
  collections.set(name, collection);
  return collection;
}
