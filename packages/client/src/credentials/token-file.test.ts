import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeMachine } from '../../test/fake-machine.ts';
import { credentialBytesMax } from './reloading-file.ts';
import { readToken, tokenFileCredentials } from './token-file.ts';

test('tokenFileCredentials() reads the file again after 50 seconds, without blanks', async () => {
  const machine = fakeMachine({ files: { '/t': ' one\n' } });
  const credentials = tokenFileCredentials(machine, '/t');
  const first = await credentials.current();
  assert.equal(first.authorization?.reveal(), 'Bearer one');
  machine.files.put('/t', 'two');
  await machine.clock.advance(49_999);
  assert.equal(await credentials.current(), first);
  await machine.clock.advance(1);
  assert.equal((await credentials.current()).authorization?.reveal(), 'Bearer two');
});

test('tokenFileCredentials() keeps the old token while the file is gone or empty', async () => {
  const machine = fakeMachine({ files: { '/t': 'one' } });
  const credentials = tokenFileCredentials(machine, '/t');
  const first = await credentials.current();
  await machine.files.remove('/t');
  await machine.clock.advance(50_000);
  assert.equal(await credentials.current(), first);
  machine.files.put('/t', '');
  assert.equal(await credentials.current(), first);
  assert.equal(machine.warnings.length, 2);
  machine.files.put('/t', 'two');
  assert.equal((await credentials.current()).authorization?.reveal(), 'Bearer two');
});

test('tokenFileCredentials() looks at once after a 401', async () => {
  const machine = fakeMachine({ files: { '/t': 'one' } });
  const credentials = tokenFileCredentials(machine, '/t');
  const first = await credentials.current();
  machine.files.put('/t', 'two');
  credentials.invalidate(first);
  assert.equal((await credentials.current()).authorization?.reveal(), 'Bearer two');
});

test('readToken() refuses what is no token, without showing it', async () => {
  const { files } = fakeMachine({ files: { '/empty': '\n', '/two-lines': 's3cret\ns3cret' } });
  await assert.rejects(readToken(files, '/none'), { message: /\/none: no such file$/ });
  await assert.rejects(readToken(files, '/empty'), { message: /\/empty: it is empty$/ });
  await assert.rejects(readToken(files, '/two-lines'), (error: Error) => {
    assert.doesNotMatch(error.message, /s3cret/);
    return true;
  });
});

test('tokenFileCredentials() refuses a file that holds more than any token', async () => {
  const machine = fakeMachine({ files: { '/t': 'x'.repeat(credentialBytesMax + 1) } });
  const credentials = tokenFileCredentials(machine, '/t');
  await assert.rejects(credentials.current(), { name: 'FileTooLargeError' });
});
