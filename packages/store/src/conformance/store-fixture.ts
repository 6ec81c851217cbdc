import type { TestContext } from 'node:test';
import type { Stamp, Store } from '../store.ts';

/** Makes an empty store for one test. */
export type OpenStore = (needs: StoreNeeds) => Promise<StoreFixture>;

export interface StoreNeeds {
  readonly stamp?: Stamp;
  readonly watcherEventsMax?: number;
}

export interface StoreFixture {
  readonly store: Store;
  /** Lets so much time pass that quiet watches are due for a progress batch. */
  passProgressInterval(): Promise<void>;
  /** Closes the store and opens what it left; undefined for one that leaves nothing behind. */
  readonly reopen: (() => Promise<Store>) | undefined;
  /** Closes whatever is open and removes its files. */
  dispose(): Promise<void>;
}

/** A fixture that is disposed of when the test ends. */
export async function fixtureFor(
  test: TestContext,
  open: OpenStore,
  needs: StoreNeeds = {},
): Promise<StoreFixture> {
  const fixture = await open(needs);
  test.after(() => fixture.dispose());
  return fixture;
}

/** The bytes of `text`. */
export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** The text of a stored value. */
export function text(entry: { readonly value: Uint8Array } | undefined): string | undefined {
  return entry === undefined ? undefined : new TextDecoder().decode(entry.value);
}
