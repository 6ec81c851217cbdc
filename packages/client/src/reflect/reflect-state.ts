import type { Logger, Random, Timer } from '@fairway/host';
import type { KubernetesObject, ResourceDescriptor } from '@fairway/protocol';
import type { Form, SelectOptions } from '../resource/call-options.ts';
import type { ContinueTokens } from '../resource/require-answer.ts';
import type { CallContext } from '../resource/resource-call.ts';
import type { ReflectEvent } from './reflect-event.ts';
import type { RetryPace } from './retry-pace.ts';
import type { TimedEvents } from './timed-events.ts';

/**
 * Where a reflection is. `version`: up to where the consumer knows everything, empty at first.
 * `isVersionLost`: the server does not have that version any more, so ask for the latest state.
 */
export type State<T extends KubernetesObject> =
  /** Next: ask for a watch that begins with everything there is. */
  | { readonly phase: 'starting'; readonly version: string; readonly isVersionLost: boolean }
  /** Such a watch sends what there is; its bookmark is still to come. */
  | {
      readonly phase: 'streaming-list';
      readonly version: string;
      readonly isVersionLost: boolean;
      readonly events: TimedEvents<T>;
      readonly reminder: Timer;
    }
  /** Next: ask for a page of a list, as servers know it that cannot stream one. */
  | {
      readonly phase: 'listing';
      readonly version: string;
      readonly isVersionLost: boolean;
      readonly continue?: string;
      readonly isUnpaged: boolean;
      readonly tokens: ContinueTokens;
    }
  /** Next: ask for changes after `version`. */
  | { readonly phase: 'resuming'; readonly version: string; readonly failingSinceMs?: number }
  | {
      readonly phase: 'watching';
      readonly version: string;
      readonly failingSinceMs?: number;
      readonly events: TimedEvents<T>;
      readonly openedAtMs: number;
      /** Something has come that was not known before. */
      readonly hasProgressed: boolean;
      /** A watch from anywhere begins with what exists, in an order that is no order of versions. */
      readonly isFromAnywhere: boolean;
    }
  | { readonly phase: 'waiting'; readonly delayMs: number; readonly next: State<T> };

/** The states of one phase. */
export type StateIn<T extends KubernetesObject, Phase> = Extract<
  State<T>,
  { readonly phase: Phase }
>;

/** What a step has led to. */
export interface Step<T extends KubernetesObject> {
  readonly state: State<T>;
  readonly events: readonly ReflectEvent<T>[];
}

/** What every step needs. */
export interface Reflector<T extends KubernetesObject> {
  readonly context: CallContext & { readonly random: Random };
  readonly kind: ResourceDescriptor<T>;
  readonly select: SelectOptions & { readonly as?: Form };
  readonly logger: Logger;
  readonly pace: RetryPace;
  readonly signal: AbortSignal;
}

/** Lets go of what a state holds. */
export function leave<T extends KubernetesObject>(state: State<T>): void {
  if ('reminder' in state) state.reminder.cancel();
  if ('events' in state) state.events.close();
}
