// Made by `npm run generate` from the OpenAPI v3 documents of Kubernetes 1.36, sha256 07199b77ce89554d5daba4791a43b26947e2827db3939ea024d0d2796d91fc8a.
import type { ResourceDescriptor } from '@fairway/protocol';
import type { EventSource, ObjectReference } from '../core/v1.ts';
import type { ListMeta, MicroTime, ObjectMeta, Time } from '../meta/v1.ts';
export interface Event {
  readonly action?: string;
  readonly apiVersion?: string;
  readonly deprecatedCount?: number;
  readonly deprecatedFirstTimestamp?: Time;
  readonly deprecatedLastTimestamp?: Time;
  readonly deprecatedSource?: EventSource;
  readonly eventTime: MicroTime;
  readonly kind?: string;
  readonly metadata?: ObjectMeta;
  readonly note?: string;
  readonly reason?: string;
  readonly regarding?: ObjectReference;
  readonly related?: ObjectReference;
  readonly reportingController?: string;
  readonly reportingInstance?: string;
  readonly series?: EventSeries;
  readonly type?: string;
}
export interface EventList {
  readonly apiVersion?: string;
  readonly items: readonly Event[];
  readonly kind?: string;
  readonly metadata?: ListMeta;
}
export interface EventSeries {
  readonly count: number;
  readonly lastObservedTime: MicroTime;
}
export const Event: ResourceDescriptor<Event> = { group: 'events.k8s.io', version: 'v1', kind: 'Event', plural: 'events', isNamespaced: true };
