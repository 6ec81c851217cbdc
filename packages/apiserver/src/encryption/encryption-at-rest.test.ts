import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { suite, test } from 'node:test';
import { seededRandom } from '@fairway/host/testing';
import { EncryptionAtRest } from './encryption-at-rest.ts';
import {
  EncryptionConfigurationError,
  readEncryptionConfiguration,
} from './encryption-configuration.ts';

const head = 'apiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\nresources:\n';
const secretOf = (bytes: number, fill: number): string =>
  Buffer.alloc(bytes, fill).toString('base64');
const one = secretOf(32, 1);
const two = secretOf(32, 2);

/** `aesgcm key1 SECRET`, one after the other; `identity` alone. */
function entry(resources: string, ...providers: readonly string[]): string {
  const listed = providers.map((each) => {
    const [kind = '', name = '', secret = ''] = each.split(' ');
    return kind === 'identity'
      ? '  - identity: {}\n'
      : `  - ${kind}:\n      keys: [{ name: ${name}, secret: ${secret} }]\n`;
  });
  return `- resources: [${resources}]\n  providers:\n${listed.join('')}`;
}

async function open(...entries: readonly string[]): Promise<EncryptionAtRest> {
  const encryption = new EncryptionAtRest(seededRandom(3));
  await encryption.use(await readEncryptionConfiguration(head + entries.join('')));
  return encryption;
}

const place = '/registry/secrets/default/a';
const value = Buffer.from('{"kind":"Secret","data":{"a":"hidden"}}');
const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

suite('encryption at rest', () => {
  for (const kind of ['aesgcm', 'aescbc', 'secretbox']) {
    test(`${kind} hides a value and gives it back`, async () => {
      const encryption = await open(entry('secrets', `${kind} key1 ${one}`));
      const sealed = encryption.seal(place, value);
      assert.ok(textOf(sealed).startsWith(`k8s:enc:${kind}:v1:key1:`));
      assert.ok(!textOf(sealed).includes('hidden'));
      assert.notDeepEqual(encryption.seal(place, value), sealed, 'no two are alike');
      assert.deepEqual(Buffer.from(encryption.open(place, sealed)), value);
    });

    test(`${kind} does not open what another key has sealed`, async () => {
      const sealed = (await open(entry('secrets', `${kind} key1 ${one}`))).seal(place, value);
      const other = await open(entry('secrets', `${kind} key1 ${two}`));
      assert.deepEqual(other.open(place, sealed), sealed);
      assert.ok(other.isUnreadable(place));
      assert.match(String(other.reopen(place, sealed)), /it was not written there with the key of/);
      assert.deepEqual(other.seal(place, sealed), sealed, 'it is written back as it was');
    });
  }

  test('what was changed at rest, or put at another place, is not opened', async () => {
    for (const kind of ['aesgcm', 'secretbox']) {
      const encryption = await open(entry('secrets', `${kind} key1 ${one}`));
      const sealed = Buffer.from(encryption.seal(place, value));
      for (const at of [30, sealed.length - 20, sealed.length - 1]) {
        const changed = Buffer.from(sealed);
        changed[at] = (changed[at] ?? 0) ^ 1;
        assert.equal(typeof encryption.reopen(place, changed), 'string', `${kind} ${at}`);
      }
      assert.equal(typeof encryption.reopen(place, sealed.subarray(0, 40)), 'string');
    }
    const encryption = await open(entry('secrets', `aesgcm key1 ${one}`));
    const sealed = encryption.seal(place, value);
    assert.equal(typeof encryption.reopen('/registry/secrets/default/b', sealed), 'string');
  });

  test('the first key writes, all of them read, and what another one wrote is stale', async () => {
    const before = await open(entry('secrets', `aesgcm key1 ${one}`));
    const sealed = before.seal(place, value);
    const after = await open(
      entry('secrets', `secretbox key2 ${two}`, `aesgcm key1 ${one}`, 'identity'),
    );
    assert.deepEqual(Buffer.from(after.open(place, sealed)), value);
    assert.ok(after.isStale(place));
    assert.match(textOf(after.seal(place, value)), /^k8s:enc:secretbox:v1:key2:/);
    assert.ok(!after.isStale(place));
    after.open('/registry/secrets/default/plain', value);
    assert.ok(after.isStale('/registry/secrets/default/plain'));
  });

  test('plain text is read only where identity is a provider', async () => {
    const strict = await open(entry('secrets', `aesgcm key1 ${one}`));
    strict.open(place, value);
    assert.ok(strict.isUnreadable(place));
    assert.match(String(strict.reopen(place, value)), /^no matching prefix found: .* plain text/);
    const lenient = await open(entry('secrets', `aesgcm key1 ${one}`, 'identity'));
    assert.equal(lenient.open(place, value), value);
    assert.ok(!lenient.isUnreadable(place));
  });

  test('without a configuration, what is encrypted cannot be read, and the rest is as it is', async () => {
    const sealed = (await open(entry('secrets', `aesgcm key1 ${one}`))).seal(place, value);
    const none = new EncryptionAtRest(seededRandom(1));
    assert.equal(none.open(place, value), value);
    assert.equal(none.open('/registry/secrets/default/b', sealed), sealed);
    assert.equal(none.unreadableCount, 1);
    assert.match(
      String(none.reopen(place, sealed)),
      /^no matching prefix found: it was written with k8s:enc:aesgcm:v1:key1:, and what is read is identity$/,
    );
  });

  test('each resource has the first entry that means it', async () => {
    const encryption = await open(
      entry('configmaps', 'identity'),
      entry("secrets, '*.apps', widgets.example.com", `aesgcm named ${one}`),
      entry("'*.'", `aesgcm core ${one}`),
      entry("'*.*'", `aesgcm all ${one}`),
    );
    const keys: Readonly<Record<string, string>> = {
      '/registry/configmaps/default/a': '',
      '/registry/secrets/default/a': 'named',
      '/registry/apps/deployments/default/a': 'named',
      '/registry/example.com/widgets/default/a': 'named',
      '/registry/pods/default/a': 'core',
      '/registry/batch/jobs/default/a': 'all',
      '/registry/example.com/gadgets/a': 'all',
    };
    for (const [key, name] of Object.entries(keys)) {
      const [, written = ''] =
        /^k8s:enc:aesgcm:v1:(\w+):/.exec(textOf(encryption.seal(key, value))) ?? [];
      assert.equal(written, name, key);
    }
  });

  test('a configuration that cannot be used is refused by its fields, without its keys', async () => {
    const refusals: readonly (readonly [string, RegExp])[] = [
      ['kind: [', /^it is neither YAML nor JSON$/],
      ['kind: Pod', /^it has not apiVersion .* and kind EncryptionConfiguration$/],
      [head, /^resources is to be a list of at least one$/],
      [
        head + entry('secrets', `aesgcm k ${secretOf(7, 1)}`),
        /keys\[0\]\.secret has 7 bytes instead of 16, 24 or 32$/,
      ],
      [head + entry('secrets', `secretbox k ${secretOf(16, 1)}`), /has 16 bytes instead of 32$/],
      [head + entry('secrets', 'aesgcm k ***'), /secret is to be base64|neither YAML/],
      [
        head + entry('secrets', `'kms' k ${one}`),
        /^resources\[0\]\.providers\[0\]\.kms is not built in Fairway; use secretbox/,
      ],
      [
        head + entry('secrets', `rot13 k ${one}`),
        /rot13 is no provider; use secretbox, aesgcm, aescbc or identity/,
      ],
      [
        head + entry("'*.*'", 'identity') + entry('secrets', `aesgcm k ${one}`),
        /resources\[1\]\.resources: secrets is covered by one before it/,
      ],
      [
        head + entry('secrets, secrets', 'identity'),
        /^resources\[0\]\.resources names secrets a second time$/,
      ],
      [head + entry("'*'", 'identity'), /"\*" is no resource such as secrets/],
      [`${head}${entry('secrets', 'identity')}other: 1\n`, /^other is no field$/],
    ];
    for (const [text, message] of refusals) {
      await assert.rejects(readEncryptionConfiguration(text), (error) => {
        assert.ok(error instanceof EncryptionConfigurationError);
        assert.match(error.message, message);
        assert.ok(!error.message.includes(one));
        return true;
      });
    }
    const read = await readEncryptionConfiguration(head + entry('secrets', `aesgcm key1 ${one}`));
    assert.ok(!inspect(read, { depth: 9 }).includes(one) && !JSON.stringify(read).includes(one));
  });
});
