import type { TestServer } from '@fairway/apiserver/testing';
import type { Hand } from './by-hand.ts';
import type { Bindings } from './unify.ts';

/** Where a story is played. */
export interface Stage {
  readonly server: TestServer;
  readonly namespace: string;
  readonly hand: Hand;
  /** What the masks of the recording stand for, as far as the story has come. */
  bindings: Bindings;
}
