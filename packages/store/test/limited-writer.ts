/**
 * The program whose files the test of failing disks limits: carries out one command a line and
 * answers each with a line.
 */
import { createInterface } from 'node:readline';
import { ManualClock, settle } from '@fairway/host/testing';
import { openSqliteStore, prefixRange, StoreUnavailableError } from '@fairway/store';

const [, , directory = ''] = process.argv;
const clock = new ManualClock();
const store = await openSqliteStore({ clock, directory });
const all = prefixRange('/');
const seen: string[] = [];
void (async () => {
  for await (const { events } of store.watch(all, 1, new AbortController().signal)) {
    for (const event of events) if (event.kind === 'put') seen.push(event.entry.key);
  }
})();

console.log('ready');
for await (const line of createInterface(process.stdin)) {
  const [command = '', argument = ''] = line.split(' ');
  console.log(await carryOut(command, argument));
}
await store.close();

async function carryOut(command: string, argument: string): Promise<string> {
  if (command === 'create') return create(argument);
  if (command === 'wait') await passLook(Number(argument));
  if (command === 'problem' || command === 'wait') return (await store.problem()) ?? 'none';
  await settle();
  const { entries } = await store.list(all);
  return `${entries.map(({ key }) => key).join()} ${seen.join()}`;
}

async function create(key: string): Promise<string> {
  try {
    const outcome = await store.create(key, Buffer.alloc(60_000, key));
    return outcome.kind;
  } catch (error) {
    if (!(error instanceof StoreUnavailableError)) throw error;
    return `unavailable: ${error.message}`;
  }
}

// Another look is planned when this one has failed; a timer for progress is always there.
async function passLook(delayMs: number): Promise<void> {
  const { pending } = clock;
  await clock.advance(delayMs);
  while (clock.pending < pending && (await store.problem()) !== undefined) await settle();
}
