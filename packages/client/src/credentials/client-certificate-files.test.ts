import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeMachine, pem } from '../../test/fake-machine.ts';
import { anonymousCredentials, type Credentials } from '../cluster-target.ts';
import {
  clientCertificateCheckMsMin,
  clientCertificateCredentials,
  pairSettleMs,
} from './client-certificate-files.ts';
import { tokenFileCredentials } from './token-file.ts';

const first = { certificate: pem('CERTIFICATE', '1'), key: pem('PRIVATE KEY', '1') };
const second = { certificate: pem('CERTIFICATE', '2'), key: pem('PRIVATE KEY', '2') };

function machineWithPair(): ReturnType<typeof fakeMachine> {
  return fakeMachine({ files: { '/crt': first.certificate, '/key': first.key, '/t': 'one' } });
}

function fromFiles(machine: ReturnType<typeof fakeMachine>, header: Credentials): Credentials {
  const certificate = { path: '/crt', text: first.certificate };
  return clientCertificateCredentials(
    machine,
    { certificate, key: { path: '/key', text: first.key } },
    header,
  );
}

test('clientCertificateCredentials() answers the same object until the files change', async () => {
  const machine = machineWithPair();
  const credentials = fromFiles(machine, anonymousCredentials);
  const before = await credentials.current();
  await machine.clock.advance(clientCertificateCheckMsMin);
  assert.equal(await credentials.current(), before);
  machine.files.put('/crt', second.certificate);
  machine.files.put('/key', second.key);
  assert.equal(await credentials.current(), before);
  await machine.clock.advance(clientCertificateCheckMsMin);
  const after = await credentials.current();
  assert.equal(after.clientCertificate?.certificate, second.certificate);
  assert.equal(after.clientCertificate?.key.reveal(), second.key);
});

test('clientCertificateCredentials() does not take half-written files', async () => {
  const machine = machineWithPair();
  const credentials = fromFiles(machine, anonymousCredentials);
  const before = await credentials.current();
  machine.files.put('/crt', second.certificate.slice(0, 40));
  await machine.files.remove('/key');
  await machine.clock.advance(clientCertificateCheckMsMin);
  assert.equal(await credentials.current(), before);
});

test('clientCertificateCredentials() waits for the other half of a new pair, but not for ever', async () => {
  const machine = machineWithPair();
  const credentials = fromFiles(machine, anonymousCredentials);
  const before = await credentials.current();
  machine.files.put('/crt', second.certificate);
  await machine.clock.advance(clientCertificateCheckMsMin);
  assert.equal(await credentials.current(), before);
  machine.files.put('/key', second.key);
  const after = await credentials.current();
  assert.equal(after.clientCertificate?.certificate, second.certificate);
  assert.equal(after.clientCertificate?.key.reveal(), second.key);

  machine.files.put('/crt', first.certificate);
  await machine.clock.advance(clientCertificateCheckMsMin);
  assert.equal(await credentials.current(), after);
  await machine.clock.advance(pairSettleMs);
  const renewed = await credentials.current();
  assert.equal(renewed.clientCertificate?.certificate, first.certificate);
});

test('clientCertificateCredentials() keeps the certificate object when only the token changes', async () => {
  const machine = machineWithPair();
  const credentials = fromFiles(machine, tokenFileCredentials(machine, '/t'));
  const before = await credentials.current();
  machine.files.put('/t', 'two');
  credentials.invalidate(before);
  const after = await credentials.current();
  assert.equal(after.authorization?.reveal(), 'Bearer two');
  assert.equal(after.clientCertificate, before.clientCertificate);
});

test('clientCertificateCredentials() looks at the files at once after a 401', async () => {
  const machine = machineWithPair();
  const credentials = fromFiles(machine, anonymousCredentials);
  const before = await credentials.current();
  machine.files.put('/crt', second.certificate);
  machine.files.put('/key', second.key);
  credentials.invalidate(before);
  const after = await credentials.current();
  assert.equal(after.clientCertificate?.certificate, second.certificate);
});
