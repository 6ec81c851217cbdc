import assert from 'node:assert/strict';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { clusterIn } from './cluster-in.ts';
import { commandLine, scratchFolder } from './command-line.ts';

const secrets = '/api/v1/namespaces/default/secrets';
const plain = 'open-sesame';
const data = { word: Buffer.from(plain).toString('base64') };

const keys = {
  key1: Buffer.alloc(32, 'one').toString('base64'),
  key2: Buffer.alloc(32, 'two').toString('base64'),
};

/** Of secrets, with keys in the order in which they are to be tried; the first writes. */
function configuration(...names: readonly (keyof typeof keys)[]): string {
  const provider = { aesgcm: { keys: names.map((name) => ({ name, secret: keys[name] })) } };
  return JSON.stringify({
    apiVersion: 'apiserver.config.k8s.io/v1',
    kind: 'EncryptionConfiguration',
    resources: [{ resources: ['secrets'], providers: [provider] }],
  });
}

const flags = '--listen 127.0.0.1:0 --encryption-provider-config keys.json';

/** A cluster over the store of a folder, while `use` runs. */
async function whileUp(
  folder: string,
  text: string,
  use: (cluster: Awaited<ReturnType<typeof clusterIn>>) => Promise<void>,
): Promise<void> {
  await writeFile(join(folder, 'keys.json'), text);
  await using up = commandLine(folder).start('up', '--node', 'none', ...flags.split(' '));
  await up.until('Stop it with');
  await use(await clusterIn(folder));
}

/** Whether a text is in any file of the data directory. */
async function liesOnDisk(folder: string, text: string): Promise<boolean> {
  const at = join(folder, '.fairway');
  for (const entry of await readdir(at, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    if ((await readFile(join(entry.parentPath, entry.name))).includes(text)) return true;
  }
  return false;
}

suite('fairway up and encryption at rest', () => {
  test('a key goes when all is written anew with another, and who misses it is told', async () => {
    await using folder = await scratchFolder();
    const { path } = folder;
    const json = { 'content-type': 'application/json' };
    await whileUp(path, configuration('key1'), async ({ ask }) => {
      const body = JSON.stringify({ metadata: { name: 'a' }, data });
      const { status, text } = await ask(secrets, { method: 'POST', headers: json, body });
      assert.equal(status, 201, text);
      assert.ok(!(await liesOnDisk(path, plain)) && !(await liesOnDisk(path, data.word)));
    });
    assert.ok(await liesOnDisk(path, 'k8s:enc:aesgcm:v1:key1:'));
    await whileUp(path, configuration('key2', 'key1'), async ({ ask }) => {
      const { items } = JSON.parse((await ask(secrets)).text) as { items: readonly Secret[] };
      assert.deepEqual(
        items.map(({ metadata }) => metadata.name),
        ['a'],
      );
      for (const item of items) {
        const body = JSON.stringify(item);
        const { status } = await ask(`${secrets}/${item.metadata.name}`, {
          method: 'PUT',
          headers: json,
          body,
        });
        assert.equal(status, 200);
      }
    });
    assert.ok(await liesOnDisk(path, 'k8s:enc:aesgcm:v1:key2:'));
    await whileUp(path, configuration('key2'), async ({ ask }) => {
      const { text } = await ask(`${secrets}/a`);
      assert.deepEqual((JSON.parse(text) as Secret).data, data, text);
    });
    await whileUp(path, configuration('key1'), async ({ ask }) => {
      const { status, text } = await ask(`${secrets}/a`);
      assert.equal(status, 500);
      assert.match(text, /written with k8s:enc:aesgcm:v1:key2:.*--encryption-provider-config/);
      assert.equal((await ask('/api/v1/namespaces/default/configmaps')).status, 200);
    });
    assert.ok(!(await liesOnDisk(path, plain)) && !(await liesOnDisk(path, data.word)));
  });

  const short = configuration('key1').replace(keys.key1, 'c2hvcnQ=');
  const twice = configuration('key1', 'key2').replaceAll('"key2"', '"key1"');
  for (const [name, text, why] of [
    ['no file', undefined, 'there is no such file'],
    ['no configuration', '[', 'it is neither YAML nor JSON'],
    [
      'another kind of configuration',
      '{"apiVersion":"v1","kind":"Config"}',
      /kind.*EncryptionConfiguration/,
    ],
    ['a key that is too short', short, /resources\[0\]\.providers\[0\]\.aesgcm\.keys\[0\]/],
    ['two keys of one name', twice, /key1/],
    [
      'a service that keeps keys',
      configuration('key1').replace('"aesgcm"', '"kms"'),
      /kms is not built in Fairway; use secretbox, aesgcm or aescbc/,
    ],
  ] as const) {
    test(`does not start with ${name}, and says why without its keys`, async () => {
      await using folder = await scratchFolder();
      if (text !== undefined) await writeFile(join(folder.path, 'keys.json'), text);
      const words = ['up', '--node', 'none', ...flags.split(' ')];
      const { exitCode, err } = await commandLine(folder.path).run(...words);
      assert.equal(exitCode, 1);
      const [said = '', end] = err.split('\n');
      assert.ok(said.startsWith('error: cannot use --encryption-provider-config keys.json: '), err);
      assert.equal(end, '');
      if (typeof why === 'string') assert.ok(said.endsWith(why), said);
      else assert.match(said, why);
      for (const key of ['c2hvcnQ=', ...Object.values(keys)]) assert.ok(!err.includes(key), err);
    });
  }

  test('does not follow a file that it has not', async () => {
    await using folder = await scratchFolder();
    const reload = '--encryption-provider-config-automatic-reload';
    const { err } = await commandLine(folder.path).run('up', '--node', 'none', reload);
    assert.match(err, /^error: cannot use --encryption-provider-config-automatic-reload without/);
  });
});

interface Secret {
  readonly metadata: { readonly name: string };
  readonly data: object;
}
