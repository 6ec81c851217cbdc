import {
  type KubernetesObject,
  type ObjectMeta,
  type ResourceDescriptor,
  apiVersionOf,
  checkDnsSubdomain,
  formatTime,
} from '@fairway/protocol';
import type { Clock, Random } from '@fairway/host';

/** What is to be said about an object. */
export interface EventText {
  readonly type: 'Normal' | 'Warning';
  /** Why, in one word of the program: `ScaledUp`. */
  readonly reason: string;
  readonly message: string;
  /** The part of the object that it is about: `spec.containers{web}`. */
  readonly fieldPath?: string;
}

/** An event as recorders write it. Source: core/v1 Event. */
export interface RecordedEvent extends KubernetesObject {
  readonly metadata: ObjectMeta & { readonly name: string; readonly namespace: string };
  readonly involvedObject: {
    readonly apiVersion: string;
    readonly kind: string;
    readonly namespace?: string;
    readonly name: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
    readonly fieldPath?: string;
  };
  readonly type: string;
  readonly reason: string;
  readonly message: string;
  readonly count: number;
  readonly firstTimestamp: string;
  readonly lastTimestamp: string;
  readonly source: { readonly component: string; readonly host?: string };
  readonly reportingComponent: string;
  readonly reportingInstance: string;
}

export const RecordedEvent: ResourceDescriptor<RecordedEvent> = {
  group: '',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  isNamespaced: true,
};

/** Makes the event that somebody records about an object. */
export function recordedEvent(
  clock: Clock,
  about: {
    readonly name: EventName;
    readonly kind: ResourceDescriptor;
    readonly object: KubernetesObject;
    readonly source: RecordedEvent['source'];
    readonly text: EventText;
  },
): RecordedEvent {
  const { kind, object, source, text } = about;
  const { name = '', namespace = '', uid, resourceVersion } = object.metadata ?? {};
  const now = formatTime(clock.now());
  return {
    // Events on objects without a namespace live in the default one.
    metadata: { name: about.name.of(name, clock.now()), namespace: namespace || 'default' },
    involvedObject: {
      apiVersion: apiVersionOf(kind),
      kind: kind.kind,
      ...(namespace === '' ? {} : { namespace }),
      name,
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
      ...(text.fieldPath === undefined ? {} : { fieldPath: text.fieldPath }),
    },
    type: text.type,
    reason: text.reason,
    message: text.message,
    count: 1,
    firstTimestamp: now,
    lastTimestamp: now,
    source,
    reportingComponent: source.component,
    reportingInstance: source.host ?? '',
  };
}

/** Names for the events of one recorder, which sort as they were recorded. */
export class EventName {
  readonly #random: Random;
  #lastNanos = 0n;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Of the object that it is about and the moment, with a share of chance: other recorders name events too. */
  of(about: string, nowMs: number): string {
    const chance = BigInt(Math.floor(this.#random.fraction() * 999_999));
    const nanos = BigInt(Math.floor(nowMs)) * 1_000_000n + chance;
    const next = this.#lastNanos + 1n + chance / 1_000n;
    this.#lastNanos = nanos > next ? nanos : next;
    const stamp = this.#lastNanos.toString(16);
    const name = `${about}.${stamp}`;
    // A long name, or one with a colon as roles have, cannot be a part of the name of an event.
    return checkDnsSubdomain(name) === undefined ? name : `event.${stamp}.${this.#random.uuid()}`;
  }
}
