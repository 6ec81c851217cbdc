import assert from 'node:assert/strict';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { seededRandom } from '@fairway/host/testing';
import { openSqliteStore } from '@fairway/store';
import { EncryptionAtRest, readEncryptionConfiguration } from '@fairway/apiserver/encryption';
import { type TestServer, startTestServer } from '../src/testing.ts';

const hidden = 'the text that nobody may find on the disk';
const data = { password: Buffer.from(hidden).toString('base64') };
const secrets = '/api/v1/namespaces/default/secrets';

async function scratch(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'fairway-encryption-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

/** A server over the SQLite file of a folder. */
async function startOver(
  directory: string,
  configuration: string,
): Promise<TestServer & { readonly encryption: EncryptionAtRest }> {
  const encryption = new EncryptionAtRest(seededRandom(9));
  if (configuration !== '') await encryption.use(await readEncryptionConfiguration(configuration));
  const server = await startTestServer({
    encryption,
    openStore: (options) => openSqliteStore({ ...options, directory, seal: encryption }),
  });
  return Object.assign(server, { encryption });
}

function configurationOf(...providers: readonly string[]): string {
  return (
    'apiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\nresources:\n' +
    `- resources: [secrets]\n  providers:\n${providers.map((each) => `  - ${each}\n`).join('')}`
  );
}

const keyed = (kind: string, name: string, fill: number): string =>
  `${kind}: { keys: [{ name: ${name}, secret: ${Buffer.alloc(32, fill).toString('base64')} }] }`;
const first = keyed('aesgcm', 'key1', 1);
const second = keyed('secretbox', 'key2', 2);
const identity = 'identity: {}';

/** All bytes of all files, the log of writes among them. */
async function bytesIn(directory: string): Promise<Buffer> {
  const names = (await readdir(directory)).filter((name) => name.startsWith('store.sqlite'));
  assert.ok(names.length > 0);
  return Buffer.concat(await Promise.all(names.map((name) => readFile(join(directory, name)))));
}

const create = (server: TestServer, name: string) =>
  server.expect(201, 'POST', secrets, { body: { metadata: { name }, data } });

suite('encryption at rest', () => {
  test('no file of the store has the text of a secret, while it is open and after', async () => {
    await using folder = await scratch();
    {
      await using server = await startOver(folder.path, configurationOf(first));
      await create(server, 'a');
      await server.expect(200, 'PATCH', `${secrets}/a`, {
        headers: { 'content-type': 'application/merge-patch+json' },
        body: { stringData: { more: `${hidden}!` } },
      });
      const written = await bytesIn(folder.path);
      assert.ok(written.includes('k8s:enc:aesgcm:v1:key1:'));
      for (const text of [hidden, data.password]) assert.ok(!written.includes(text));
      assert.ok(written.includes('kube-system'), 'others lie there as they are');
      await server.expect(200, 'DELETE', `${secrets}/a`);
      await create(server, 'b');
    }
    assert.ok(!(await bytesIn(folder.path)).includes(data.password));
    await using server = await startOver(folder.path, configurationOf(first));
    const { json } = await server.expect(200, 'GET', `${secrets}/b`);
    assert.deepEqual(json['data'], data);
    assert.equal((await server.expect(200, 'GET', secrets)).json.items.length, 1);
  });

  test('what is replaced with itself is written anew with the key of now, and only then', async () => {
    await using folder = await scratch();
    {
      await using server = await startOver(folder.path, '');
      await create(server, 'a');
    }
    assert.ok((await bytesIn(folder.path)).includes(data.password));
    await using server = await startOver(folder.path, configurationOf(first, identity));
    const rewrite = async (): Promise<unknown> => {
      const { json } = await server.expect(200, 'GET', `${secrets}/a`);
      const put = await server.expect(200, 'PUT', `${secrets}/a`, { body: json });
      return put.json.metadata.resourceVersion;
    };
    const before = (await server.expect(200, 'GET', `${secrets}/a`)).json.metadata.resourceVersion;
    const once = await rewrite();
    assert.notEqual(once, before);
    assert.equal(await rewrite(), once, 'it has not changed, and is not stale any more');
    await server.encryption.use(await readEncryptionConfiguration(configurationOf(second, first)));
    assert.notEqual(await rewrite(), once);
    assert.ok((await bytesIn(folder.path)).includes('k8s:enc:secretbox:v1:key2:'));
    await server[Symbol.asyncDispose]();
    const written = await bytesIn(folder.path);
    assert.ok(!written.includes('k8s:enc:aesgcm') && !written.includes(data.password));
  });

  test('without its key an object says so, a list with it too, and the server goes on', async () => {
    await using folder = await scratch();
    {
      await using server = await startOver(folder.path, configurationOf(first));
      await create(server, 'a');
    }
    await using server = await startOver(folder.path, configurationOf(second, identity));
    await create(server, 'b');
    const answers = [
      await server.request('GET', `${secrets}/a`),
      await server.request('GET', secrets),
      await server.request('DELETE', `${secrets}/a`),
      await server.request('PUT', `${secrets}/a`, { body: { metadata: { name: 'a' }, data } }),
    ];
    for (const { status, json } of answers) {
      assert.equal(status, 500);
      assert.match(
        json.message,
        /^Internal error occurred: unable to transform key "\/registry\/secrets\/default\/a": no matching prefix found: it was written with k8s:enc:aesgcm:v1:key1:, .*; give the key that it was written with in --encryption-provider-config$/,
      );
      const [cause] = json.details?.causes ?? [];
      assert.equal(json.message, `Internal error occurred: ${cause?.message}`);
    }
    await server.expect(200, 'GET', `${secrets}/b`);
    await server.expect(200, 'GET', '/api/v1/namespaces/default/configmaps');
    await server.expect(200, 'GET', '/readyz');
    await using watch = await server.watch(`${secrets}?watch=true`);
    assert.match((await watch.next())?.object.message ?? '', /unable to transform key/);
    await server.encryption.use(await readEncryptionConfiguration(configurationOf(second, first)));
    assert.deepEqual((await server.expect(200, 'GET', `${secrets}/a`)).json['data'], data);
    await server.expect(200, 'DELETE', `${secrets}/a`);
    assert.equal((await server.expect(200, 'GET', secrets)).json.items.length, 1);
  });
});
