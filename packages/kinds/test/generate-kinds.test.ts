import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { test } from 'node:test';

import { generateKinds } from '../../../tools/generate-kinds.ts';

const fixtures = path.join(import.meta.dirname, 'fixtures');
const inputs = {
  location: path.join(fixtures, 'open-api'),
  protobufFile: path.join(fixtures, 'messages.json'),
  discoveryFile: path.join(fixtures, 'discovery/aggregated.json'),
};

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

test('generateKinds() copies no description', async () => {
  const files = await generateKinds(inputs);
  assert.ok([...files.values()].every((text) => !/words/.test(text)));
});

test('generateKinds() says what it missed in a folder without documents', async () => {
  const location = path.join(fixtures, 'discovery');
  await assert.rejects(
    generateKinds({ location }),
    /no OpenAPI v3 document there; expected files like/,
  );
});
