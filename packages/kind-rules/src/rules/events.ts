import {
  checkDnsSubdomain,
  checkPathSegment,
  equalsJson,
  type FieldError,
  invalidValue,
  type ObjectDraft,
  required,
} from '@fairway/protocol';
import type { Event } from '@fairway/kinds/core/v1';
import type { Event as RenamedEvent } from '@fairway/kinds/events/v1';

import type { KindRules } from '../kind-rules.ts';
import { expectImmutable, expectQualifiedName, FieldErrors } from '../field-checks.ts';

type EventDraft = ObjectDraft<Event>;
type RenamedEventDraft = ObjectDraft<RenamedEvent>;

/**
 * Events as the core group names their fields. One with an `eventTime` says who reports it, and what was
 * done and why.
 * Source: v1 Event; core validation, ValidateEventCreate; KEP-383.
 */
export const eventRules: KindRules<EventDraft> = {
  checkName: checkPathSegment,
  applyDefaults: (event) => {
    event.source ??= {};
    event.reportingComponent ??= '';
    event.reportingInstance ??= '';
  },
  validate: (event) => {
    const about = event.involvedObject?.namespace ?? '';
    return validateEvent({ ...event, about }, 'reportingComponent');
  },
  fieldLabels: {
    'involvedObject.kind': (event) => event.involvedObject?.kind ?? '',
    'involvedObject.namespace': (event) => event.involvedObject?.namespace ?? '',
    'involvedObject.name': (event) => event.involvedObject?.name ?? '',
    'involvedObject.uid': (event) => event.involvedObject?.uid ?? '',
    'involvedObject.apiVersion': (event) => event.involvedObject?.apiVersion ?? '',
    'involvedObject.resourceVersion': (event) => event.involvedObject?.resourceVersion ?? '',
    'involvedObject.fieldPath': (event) => event.involvedObject?.fieldPath ?? '',
    reason: (event) => event.reason ?? '',
    reportingComponent: (event) => event.reportingComponent ?? '',
    source: (event) => event.source?.component || event.reportingComponent || '',
    type: (event) => event.type ?? '',
  },
};

/** Where an event says who reports it, as the version that was asked for spells it. */
type ReporterField = 'reportingComponent' | 'reportingController';

/** What both groups insist on, in the words of the core group. */
type EventFacts = Pick<
  EventDraft,
  'metadata' | 'eventTime' | 'reportingComponent' | 'reportingInstance' | 'action' | 'reason'
> & { readonly about: string; readonly message?: string };

function validateEvent(event: EventFacts, reporter: ReporterField): readonly FieldError[] {
  const errors = new FieldErrors();
  const namespace = event.metadata?.namespace ?? '';
  const { about } = event;
  const forCluster = event.eventTime ? ['default', 'kube-system'] : ['', 'default'];
  // New events about an object in a namespace may be in any other.
  const isElsewhere = event.eventTime ? false : about !== namespace;
  if (about === '' ? !forCluster.includes(namespace) : isElsewhere) {
    const text = 'does not match event.namespace';
    errors.push(invalidValue('involvedObject.namespace', about, text));
  }
  if (event.eventTime) validateNewEvent(event, reporter, errors);
  return errors;
}

const lengthMax = 128;
const noteLengthMax = 1024;

/** What events that say when they happened must say besides. */
function validateNewEvent(event: EventFacts, reporter: ReporterField, errors: FieldErrors): void {
  const component = event.reportingComponent ?? '';
  if (component === '') errors.push(required(reporter));
  expectQualifiedName(component, reporter, errors);
  for (const name of ['reportingInstance', 'action', 'reason'] as const) {
    if (!event[name]) errors.push(required(name));
    expectAtMost(event[name], { field: name, lengthMax }, errors);
  }
  expectAtMost(event.message, { field: 'message', lengthMax: noteLengthMax }, errors);
}

/** Go counts bytes. */
function expectAtMost(
  text: string | undefined,
  place: { readonly field: string; readonly lengthMax: number },
  errors: FieldErrors,
): void {
  if (Buffer.byteLength(text ?? '') <= place.lengthMax) return;
  errors.push(invalidValue(place.field, '', `can have at most ${place.lengthMax} characters`));
}

/**
 * The same events as `events.k8s.io` names their fields, which holds them to more: new ones say all that
 * the group knows and nothing of what it has left behind, and later only their series grows.
 * Source: events.k8s.io/v1 Event; core validation, ValidateEventCreate and ValidateEventUpdate.
 */
export const renamedEventRules: KindRules<RenamedEventDraft> = {
  checkName: checkDnsSubdomain,
  validate: (event) => {
    const { regarding, reportingController = '', note = '' } = event;
    const about = regarding?.namespace ?? '';
    const facts = { ...event, about, reportingComponent: reportingController, message: note };
    return validateEvent(facts, 'reportingController');
  },
  validateCreate: (event) => {
    const errors = new FieldErrors();
    validateSeries(event, errors);
    if (!event.eventTime) errors.push(required('eventTime'));
    const { type = '' } = event;
    if (type !== 'Normal' && type !== 'Warning') {
      errors.push(invalidValue('type', '', `has invalid value: ${type}`));
    }
    for (const [old, name] of leftBehind) {
      if (isGiven(event[name])) errors.push(invalidValue(old, '', 'needs to be unset'));
    }
    return errors;
  },
  validateUpdate: (event, stored) => {
    const errors = new FieldErrors();
    if (!equalsJson({ ...event.series }, { ...stored.series })) validateSeries(event, errors);
    for (const [field, name] of keptFields) {
      expectImmutable({ value: event[name], stored: stored[name], field }, errors);
    }
    return errors;
  },
  fieldLabels: {
    'regarding.kind': (event) => event.regarding?.kind ?? '',
    'regarding.namespace': (event) => event.regarding?.namespace ?? '',
    'regarding.name': (event) => event.regarding?.name ?? '',
    'regarding.uid': (event) => event.regarding?.uid ?? '',
    'regarding.apiVersion': (event) => event.regarding?.apiVersion ?? '',
    'regarding.resourceVersion': (event) => event.regarding?.resourceVersion ?? '',
    'regarding.fieldPath': (event) => event.regarding?.fieldPath ?? '',
    reason: (event) => event.reason ?? '',
    reportingController: (event) => event.reportingController ?? '',
    type: (event) => event.type ?? '',
  },
};

/** Fields of which only the core group still makes use, as it calls them. */
const leftBehind = [
  ['firstTimestamp', 'deprecatedFirstTimestamp'],
  ['lastTimestamp', 'deprecatedLastTimestamp'],
  ['count', 'deprecatedCount'],
  ['source', 'deprecatedSource'],
] as const satisfies readonly (readonly [string, keyof RenamedEvent])[];

/** What an update leaves as it is, as the core group calls it, in the order of complaints. */
const keptFields = [
  ['involvedObject', 'regarding'],
  ['reason', 'reason'],
  ['message', 'note'],
  ['source', 'deprecatedSource'],
  ['firstTimestamp', 'deprecatedFirstTimestamp'],
  ['lastTimestamp', 'deprecatedLastTimestamp'],
  ['count', 'deprecatedCount'],
  ['type', 'type'],
  ['eventTime', 'eventTime'],
  ['action', 'action'],
  ['related', 'related'],
  ['reportingController', 'reportingController'],
  ['reportingInstance', 'reportingInstance'],
] as const satisfies readonly (readonly [string, keyof RenamedEvent])[];

/** Zero values say nothing: a count of 0, a source without names, a time that is null. */
function isGiven(value: unknown): boolean {
  if (typeof value !== 'object') return Boolean(value);
  return value !== null && Object.values(value).some(Boolean);
}

function validateSeries({ series }: RenamedEventDraft, errors: FieldErrors): void {
  if (!series) return;
  if ((series.count ?? 0) < 2) {
    errors.push(invalidValue('series.count', '', 'should be at least 2'));
  }
  if (!series.lastObservedTime) errors.push(required('series.lastObservedTime'));
}
