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
  { clock, random }: { readonly clock: Clock; readonly random: Random },
  about: {
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
    metadata: { name: eventName(name, random), namespace: namespace || 'default' },
    involvedObject: {
      apiVersion: apiVersionOf(kind),
      kind: kind.kind,
      ...(namespace === '' ? {} : { namespace }),
      name,
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
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

// A long name, or one with a colon as roles have, cannot be a part of the name of an event.
function eventName(about: string, random: Random): string {
  const unique = random.uuid();
  const name = `${about}.${unique.replaceAll('-', '').slice(0, 16)}`;
  return checkDnsSubdomain(name) === undefined ? name : unique;
}
