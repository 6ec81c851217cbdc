/** The program that the crash test kills: writes by plan and says what was acknowledged. */
import { writeSync } from 'node:fs';
import { systemClock as clock } from '@fairway/host/nodejs';
import { openSqliteStore, type Store } from '@fairway/store';
import { plannedWrite, writerCount } from './crash-plan.ts';

const [, , directory = '', folder = ''] = process.argv;
const store = await openSqliteStore({ clock, directory });
say('ready');
await Promise.all(Array.from({ length: writerCount }, (_, writer) => writeForever(store, writer)));

async function writeForever(to: Store, writer: number): Promise<void> {
  const revisions = new Map<string, number>();
  for (let number = 0; ; number++) {
    const { kind, key, value } = plannedWrite(`${folder}${writer}/`, number);
    const expected = revisions.get(key) ?? 0;
    const outcome =
      kind === 'create'
        ? await to.create(key, value)
        : kind === 'update'
          ? await to.update(key, value, expected)
          : await to.delete(key, expected);
    if (outcome.kind === 'exists' || outcome.kind === 'conflict') throw new Error(`${kind} ${key}`);
    const revision = outcome.kind === 'deleted' ? outcome.revision : outcome.entry.revision;
    revisions.set(key, revision);
    say(`${writer} ${number} ${revision}`);
  }
}

// Synchronous: a line that was acknowledged is in the pipe before anything else happens. A reader
// that is slow leaves no room, and is waited for.
function say(line: string): void {
  let rest = Buffer.from(`${line}\n`);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(1, rest));
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}
