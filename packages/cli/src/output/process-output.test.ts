import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import type { WriteStream } from 'node:tty';
import { processOutput } from './process-output.ts';

const hostile = 'pod/\u001b[31mred\u0007\u009b2J\r\tend\n';
const shown = 'pod/^[[31mred\\x07\\x9b2J\\x0d\tend\n';

for (const isTTY of [true, false]) {
  const expected = isTTY ? shown : hostile;
  test(`processOutput() ${isTTY ? 'shows' : 'keeps'} escape codes for ${isTTY ? 'a terminal' : 'a pipe'}`, async () => {
    const { output, printed } = outputTo(isTTY);
    await output.write(hostile);
    await output.writeError(hostile);
    assert.deepEqual(printed(), { stdout: expected, stderr: expected });
  });

  test(`processOutput() treats bytes like text, cut anywhere (${isTTY ? 'terminal' : 'pipe'})`, async () => {
    const { output, printed } = outputTo(isTTY);
    for (const byte of Buffer.from(`${hostile}é`)) await output.write(Uint8Array.of(byte));
    assert.equal(printed().stdout, `${expected}é`);
  });
}

test('processOutput() leaves our own styles alone', async () => {
  const { output, printed } = outputTo(true);
  await output.writeStyled('\u001b[1mFairway\u001b[22m\n');
  assert.equal(printed().stdout, '\u001b[1mFairway\u001b[22m\n');
});

test('processOutput() passes on what programs elsewhere print', async () => {
  const { output, printed } = outputTo(true);
  await output.passOn('out', Buffer.from(hostile));
  await output.passOn('err', Buffer.from('\u001b[2J'));
  assert.deepEqual(printed(), { stdout: hostile, stderr: '\u001b[2J' });
});

function outputTo(isTTY: boolean) {
  const fake = (): PassThrough =>
    Object.assign(new PassThrough(), { isTTY, hasColors: () => true });
  const streams = { stdout: fake(), stderr: fake() };
  const output = processOutput(streams as unknown as Record<keyof typeof streams, WriteStream>, {
    onClosed: () => assert.fail('nothing closes'),
  });
  const textOf = (stream: PassThrough): string => String(stream.read() ?? '');
  const printed = () => ({ stdout: textOf(streams.stdout), stderr: textOf(streams.stderr) });
  return { output, printed };
}
