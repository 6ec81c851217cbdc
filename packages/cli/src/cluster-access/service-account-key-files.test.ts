import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { silentLogger } from '@fairway/host';
import { ManualClock, MemoryFiles } from '@fairway/host/testing';
import { ServiceAccountKeyFiles } from './service-account-key-files.ts';

function makeKey(): { readonly secret: string; readonly open: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    secret: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    open: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
}

async function openWith(initial: Record<string, string>, places: object = {}) {
  const files = new MemoryFiles(initial);
  const clock = new ManualClock();
  const said: string[] = [];
  const say = (message: string): void => void said.push(message);
  const logger = { ...silentLogger, warn: say, info: say };
  const keyFiles = await ServiceAccountKeyFiles.open({
    files,
    clock,
    logger,
    keyFiles: [],
    ownFile: '/own.key',
    ...places,
  });
  const idsOf = (): string[] => keyFiles.keys.verifying.map(({ keyId }) => keyId);
  const write = async (path: string, text: string): Promise<void> => {
    await files.write(path, Buffer.from(text));
    await clock.advance(10_000);
  };
  return { keyFiles, clock, said, idsOf, write };
}

test('ServiceAccountKeyFiles takes a new key up while the old one is still accepted', async () => {
  const [old, fresh] = [makeKey(), makeKey()];
  const { keyFiles, idsOf, write, said } = await openWith({ '/own.key': old.secret });
  const [oldId = ''] = idsOf();
  await write('/own.key', fresh.secret + old.secret);
  const { keyId } = keyFiles.keys.signing;
  assert.notEqual(keyId, oldId);
  assert.deepEqual(idsOf(), [keyId, oldId]);
  await write('/own.key', fresh.secret);
  assert.deepEqual(idsOf(), [keyId]);
  const changed = 'the keys of service accounts have changed';
  assert.deepEqual(said, [changed, changed]);
  await keyFiles[Symbol.asyncDispose]();
});

test('ServiceAccountKeyFiles keeps its keys while a file cannot be used, and says so', async () => {
  const { keyFiles, idsOf, write, said, clock } = await openWith({ '/own.key': makeKey().secret });
  const before = idsOf();
  await write('/own.key', 'half a ke');
  assert.deepEqual(idsOf(), before);
  assert.deepEqual(said, ['the keys of service accounts stay as they were']);
  await keyFiles[Symbol.asyncDispose]();
  assert.equal(clock.pending, 0);
});

test('ServiceAccountKeyFiles signs with one file and verifies with others', async () => {
  const [signs, other, third] = [makeKey(), makeKey(), makeKey()];
  const { keyFiles, idsOf } = await openWith(
    { '/signs.key': signs.secret, '/others.pub': other.open + third.open },
    { signingKeyFile: '/signs.key', keyFiles: ['/others.pub'] },
  );
  assert.equal(idsOf().length, 3);
  assert.equal(idsOf()[0], keyFiles.keys.signing.keyId);
  await keyFiles[Symbol.asyncDispose]();
  await assert.rejects(openWith({}, { signingKeyFile: '/absent' }), /\/absent: there is no such/);
});
