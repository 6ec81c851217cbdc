/** What the writer of the crash test does, so that its judge knows what to find. */

export const writerCount = 8;
const keysPerWriter = 5;

export interface PlannedWrite {
  readonly kind: 'create' | 'update' | 'delete';
  readonly key: string;
  readonly value: Buffer;
}

/** The write number `number` of a writer: its keys in turn, each created, changed twice, deleted. */
export function plannedWrite(folder: string, number: number): PlannedWrite {
  const key = `${folder}${number % keysPerWriter}`;
  const phase = Math.floor(number / keysPerWriter) % 4;
  const kind = phase === 0 ? 'create' : phase === 3 ? 'delete' : 'update';
  // Sizes from a few bytes to several pages of the file; every byte says whose it is.
  const sizeBytes = 1 + ((number * 2_654_435_761) % 20_000);
  return { kind, key, value: Buffer.alloc(sizeBytes, `${key}#${number};`) };
}

/** What a writer's folder holds after its first `count` writes. */
export function plannedState(folder: string, count: number): Map<string, Buffer> {
  const state = new Map<string, Buffer>();
  // A key's state is that of its last write.
  for (let number = Math.max(0, count - keysPerWriter); number < count; number++) {
    const { kind, key, value } = plannedWrite(folder, number);
    if (kind === 'delete') state.delete(key);
    else state.set(key, value);
  }
  return state;
}
