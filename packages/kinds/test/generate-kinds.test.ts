import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { test } from 'node:test';

import { brotliDecompressSync } from 'node:zlib';
import type { EncodedOpenApi } from '../src/open-api-encoding.ts';
import { generateKinds } from '../../../tools/generate-kinds.ts';

const fixtures = path.join(import.meta.dirname, 'fixtures');
const inputs = {
  location: path.join(fixtures, 'open-api'),
  protobufFile: path.join(fixtures, 'messages.json'),
  discoveryFile: path.join(fixtures, 'discovery/aggregated.json'),
};
const swaggerFile = path.join(fixtures, 'swagger.json');

// The expected files end in `.txt`, so that no tool takes them for sources of the package.
test('generateKinds() makes the expected files of two groups, byte for byte', async () => {
  const files = await generateKinds(inputs);
  const expected = path.join(fixtures, 'expected');
  assert.deepEqual(
    [...files.keys()].sort(),
    globSync('**/*.txt', { cwd: expected })
      .map((file) => file.replace('.txt', ''))
      .sort(),
  );
  for (const [file, text] of files) {
    assert.equal(text, readFileSync(path.join(expected, `${file}.txt`), 'utf8'), file);
  }
});

test('generateKinds() makes the same from a server as from its saved documents', async () => {
  const documents = new Map(
    globSync('*.json', { cwd: inputs.location }).map((file) => [
      `/openapi/v3/${file.replace('.json', '').replaceAll('__', '/')}`,
      readFileSync(path.join(inputs.location, file), 'utf8'),
    ]),
  );
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://fixture');
    const paths = [...documents.keys()].map((name) => [
      name.replace('/openapi/v3/', ''),
      { serverRelativeURL: `${name}?hash=1` },
    ]);
    response.end(
      url.pathname === '/openapi/v3'
        ? JSON.stringify({ paths: Object.fromEntries(paths) })
        : documents.get(url.pathname),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const { port } = server.address() as AddressInfo;
    const fromServer = await generateKinds({ location: `http://127.0.0.1:${port}` });
    assert.deepEqual(fromServer, await generateKinds({ location: inputs.location }));
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

test('generateKinds() copies descriptions into a file of their own, and nowhere else', async () => {
  const files = await generateKinds({ ...inputs, swaggerFile });
  const text = files.get('open-api-data.ts') ?? '';
  assert.match(text, /Apache\n\/\/ License, Version 2\.0/);
  files.delete('open-api-data.ts');
  files.delete('metadata-words.ts');
  assert.ok([...files.values()].every((each) => !/words/.test(each)));
  const { words, documents, shared } = decode(text);
  const meta = words['io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta'];
  assert.deepEqual(meta?.[''], 'words that are left behind');
  assert.equal(meta['name'], 'more words');
  assert.ok('/apis/stable.example.io/v1/gadgets' in (documents['apis/stable.example.io/v1'] ?? {}));
  // Only v2 has it.
  const login = documents['login']?.['/login/']?.['get'] as {
    description: string;
    responses: number;
  };
  assert.equal(login.description, 'words of a path without a group');
  assert.deepEqual(shared[login.responses], {
    '200': { description: 'OK', content: { 'text/plain': { schema: { type: 'string' } } } },
  });
});

function decode(text: string): EncodedOpenApi {
  const [, base64 = ''] = /= `([^`]*)`/.exec(text) ?? [];
  return JSON.parse(brotliDecompressSync(Buffer.from(base64, 'base64')).toString());
}

test('generateKinds() says what it missed in a folder without documents', async () => {
  const location = path.join(fixtures, 'discovery');
  await assert.rejects(
    generateKinds({ location }),
    /no OpenAPI v3 document there; expected files like/,
  );
});
