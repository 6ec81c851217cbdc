import type { TestContext } from 'node:test';
import type { Stamp, Store } from '../store.ts';

/** Makes an empty store for one test. */
export type OpenStore = (needs: StoreNeeds) => Promise<StoreFixture>;

export interface StoreNeeds {
  readonly stamp?: Stamp;
  readonly watcherEventsMax?: number;
  readonly watcherBytesMax?: number;
  readonly watchersBytesMax?: number;
}

export interface StoreFixture {
  readonly store: Store;
  /** Lets so much time pass that quiet watches are due for a progress batch. */
  passProgressInterval(): Promise<void>;
  /** Lets time pass for the store and for all who keep time for it. */
  passTime(byMs: number): Promise<void>;
  /** Closes whatever is open and removes its files. */
  dispose(): Promise<void>;
}

export type OpenDurableStore = (needs: StoreNeeds) => Promise<DurableStoreFixture>;

export interface DurableStoreFixture extends StoreFixture {
  /** Closes the store and opens what it left, after some time if told so. */
  reopen(options?: { readonly afterMs?: number }): Promise<Store>;
}

/** A fixture that is disposed of when the test ends. */
export async function fixtureFor<Fixture extends StoreFixture>(
  test: TestContext,
  open: (needs: StoreNeeds) => Promise<Fixture>,
  needs: StoreNeeds = {},
): Promise<Fixture> {
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
