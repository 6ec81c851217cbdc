import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock, settle } from '@fairway/host/testing';
import type { ServedProcess } from '@fairway/protocol/pods';
import { TestCaller, chunks } from '../testing/test-caller.ts';
import { leavingAfterInput } from './leave-after-input.ts';

/** A container that goes on whatever comes; `said` is how a test speaks for it. */
function attach(caller: ServedProcess) {
  const clock = new ManualClock(0);
  const state = { input: '', isInputOver: false };
  let speak = async (_: string): Promise<void> => {};
  const program = async (process: ServedProcess): Promise<number> => {
    speak = (text) => process.stdout(Buffer.from(text));
    const read = async (): Promise<void> => {
      for await (const bytes of process.stdin) state.input += String(bytes);
      state.isInputOver = true;
    };
    void read();
    return await new Promise((_, reject) => {
      process.signal.addEventListener('abort', () => reject(new Error('cut')));
    });
  };
  const attached = leavingAfterInput(program, clock)(caller);
  attached.catch(() => {}); // Each test looks at it.
  return { clock, state, attached, say: (text: string) => speak(text) };
}

test('who has sent all leaves when it was quiet for a second, with what was said until then', async () => {
  const caller = new TestCaller({ stdin: chunks(['one\n']) });
  const { clock, state, attached, say } = attach(caller);
  await settle();
  await clock.advance(900);
  await say('got one\n');
  await clock.advance(900);
  await settle();
  assert.deepEqual(state, { input: 'one\n', isInputOver: false });
  await say('and more\n');
  await clock.advance(1_000);
  assert.equal(await attached, 0);
  assert.equal(caller.output.stdout, 'got one\nand more\n');
});

test('a container that is never quiet does not keep anybody', async () => {
  const { clock, attached, say } = attach(new TestCaller({ stdin: chunks(['one\n']) }));
  await settle();
  for (let passed = 0; passed < 10_000; passed += 500) {
    await say('.');
    await clock.advance(500);
  }
  assert.equal(await attached, 0);
});

test('who may still send stays, however quiet it is, until he goes', async () => {
  const caller = new TestCaller({ stdin: chunks(['one\n'], new Promise(() => {})) });
  const { clock, attached } = attach(caller);
  await settle();
  await clock.advance(60_000);
  caller.leave();
  await assert.rejects(attached, /cut/);
});
