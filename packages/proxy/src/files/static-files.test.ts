import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { HttpResponse } from '@fairway/protocol';
import { staticFiles } from './static-files.ts';

/** A folder with files to give away, inside one with a file to keep. */
async function openSite(): Promise<{ ask: Ask } & AsyncDisposable> {
  const scratch = await mkdtemp(join(tmpdir(), 'fairway-static-'));
  const root = join(scratch, 'www');
  await mkdir(join(root, 'app'), { recursive: true });
  await writeFile(join(scratch, 'secret'), 'secret');
  await writeFile(join(root, 'app', 'index.html'), '<p>');
  await writeFile(join(root, 'a b.js'), '1');
  await writeFile(join(root, '.env'), 'secret');
  await symlink(join(scratch, 'secret'), join(root, 'out'));
  await symlink(scratch, join(root, 'up'));
  await symlink('a b.js', join(root, 'in.js'));
  return {
    ask: (path, change) => askFor(root, path, change),
    [Symbol.asyncDispose]: () => rm(scratch, { recursive: true }),
  };
}

interface Change {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

type Ask = (path: string, change?: Change) => Promise<HttpResponse>;

function askFor(root: string, path: string, change: Change = {}): Promise<HttpResponse> {
  const signal = new AbortController().signal;
  return staticFiles(root)({
    method: 'GET',
    path,
    query: '',
    headers: {},
    body: undefined,
    signal,
    ...change,
  });
}

async function bodyOf({ body }: HttpResponse): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body instanceof Uint8Array ? [body] : (body ?? [])) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

test('staticFiles() answers files, the index of a folder, and links that stay inside', async () => {
  await using site = await openSite();
  const { ask } = site;
  const file = await ask('/a%20b.js');
  assert.equal(file.headers['content-type'], 'text/javascript; charset=utf-8');
  assert.equal(await bodyOf(file), '1');
  assert.equal(await bodyOf(await ask('/app/')), '<p>');
  assert.equal(await bodyOf(await ask('/in.js')), '1');
  assert.equal((await ask('/app')).headers['location'], './app/');
  assert.equal(await bodyOf(await ask('/a%20b.js', { method: 'HEAD' })), '');
});

test('staticFiles() shows nothing outside its folder, and nothing hidden', async () => {
  await using site = await openSite();
  const { ask } = site;
  for (const path of [
    '/',
    '/out',
    '/up/secret',
    '/.env',
    '/%2eenv',
    '/../secret',
    '/%2e%2e/secret',
    '/..%2fsecret',
    '/app/..%5c..%5csecret',
    '/a%00b',
    '/%zz',
    '/app/index.html/x',
    `/${'a'.repeat(5000)}`,
  ]) {
    assert.equal((await ask(path)).status, 404, path);
  }
});

test('staticFiles() knows no writing, and what a browser has already', async () => {
  await using site = await openSite();
  const { ask } = site;
  assert.equal((await ask('/a%20b.js', { method: 'POST' })).status, 405);
  const modified = String((await ask('/app/')).headers['last-modified']);
  assert.equal((await ask('/app/', { headers: { 'if-modified-since': modified } })).status, 304);
});
