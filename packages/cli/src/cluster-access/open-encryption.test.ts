import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type LogFields, silentLogger } from '@fairway/host';
import { nodejsHost } from '@fairway/host/nodejs';
import { ManualClock, MemoryFiles, settle } from '@fairway/host/testing';
import { openEncryption } from './open-encryption.ts';

const path = '/etc/encryption.yaml';
const key = '/registry/secrets/default/a';

function configuration(name: string): string {
  const secret = Buffer.alloc(32, name).toString('base64');
  return `apiVersion: apiserver.config.k8s.io/v1
kind: EncryptionConfiguration
resources:
  - resources: [secrets]
    providers: [{ aesgcm: { keys: [{ name: ${name}, secret: ${secret} }] } }]
`;
}

test('the file of keys is read again when it changes, and one that is malformed changes nothing', async () => {
  const clock = new ManualClock();
  const files = new MemoryFiles();
  const logged: LogFields[] = [];
  const logger = {
    ...silentLogger,
    error: (_: string, fields?: LogFields) => logged.push(fields ?? {}),
  };
  const host = { ...nodejsHost(), clock, files, logger: logger as typeof silentLogger };
  const write = (text: string): Promise<void> => files.write(path, Buffer.from(text));
  await write(configuration('first'));
  {
    await using opened = await openEncryption(host, {
      encryptionProviderConfig: path,
      encryptionProviderConfigAutomaticReload: true,
    });
    const sealedWith = (): string =>
      /^k8s:enc:aesgcm:v1:(\w+):/.exec(
        Buffer.from(opened.atRest.seal(key, Buffer.from('{}'))).toString('latin1'),
      )?.[1] ?? 'nothing';
    const after = async (text: string): Promise<string> => {
      await write(text);
      await clock.advance(10_000);
      await settle();
      return sealedWith();
    };
    assert.equal(sealedWith(), 'first');
    assert.equal(await after(configuration('second')), 'second');
    assert.equal(await after('resources: ['), 'second');
    assert.match(String(logged[0]?.['reason']), /^cannot use --encryption-provider-config /);
    assert.equal(await after(configuration('third')), 'third');
  }
  assert.equal(clock.pending, 0);
});
