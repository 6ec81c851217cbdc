import {
  checkDnsSubdomain,
  type FieldError,
  invalidValue,
  type ObjectDraft,
  required,
} from '@fairway/protocol';
import type { Event } from '@fairway/kinds/core/v1';
import type { Event as RenamedEvent } from '@fairway/kinds/events/v1';

import type { KindRules } from '../kind-rules.ts';
import { expectQualifiedName, FieldErrors } from '../field-checks.ts';

type EventDraft = ObjectDraft<Event>;
type RenamedEventDraft = ObjectDraft<RenamedEvent>;

/**
 * Events as the core group names their fields. One with an `eventTime` is checked by the stricter
 * rules of `events.k8s.io`.
 * Source: v1 Event; core validation, ValidateEventCreate; KEP-383.
 */
export const eventRules: KindRules<EventDraft> = {
  checkName: checkDnsSubdomain,
  applyDefaults: (event) => {
    event.source ??= {};
    event.reportingComponent ??= '';
    event.reportingInstance ??= '';
    setNullTime(event, 'firstTimestamp');
    setNullTime(event, 'lastTimestamp');
    setNullTime(event, 'eventTime');
  },
  validate,
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

/** Times of an event are written out even when there is none. */
function setNullTime(
  event: EventDraft,
  name: 'firstTimestamp' | 'lastTimestamp' | 'eventTime',
): void {
  if (event[name] === undefined) Object.assign(event, { [name]: null });
}

function validate(event: EventDraft): readonly FieldError[] {
  const errors = new FieldErrors();
  const namespace = event.metadata?.namespace ?? '';
  expectSameNamespace(event.involvedObject?.namespace ?? '', namespace, errors);
  if (event.eventTime) validateNewEvent(event, errors);
  return errors;
}

/** An event stands in the namespace of what it is about; cluster objects have theirs in default. */
function expectSameNamespace(about: string, namespace: string, errors: FieldErrors): void {
  const isWrong = about === '' ? namespace !== '' && namespace !== 'default' : about !== namespace;
  if (!isWrong) return;
  const text = 'does not match event.namespace';
  errors.push(invalidValue('involvedObject.namespace', about, text));
}

const newReasonLengthMax = 128;

/** What events that say when they happened must say besides. */
function validateNewEvent(
  event: {
    readonly reportingComponent?: string;
    readonly reportingInstance?: string;
    readonly action?: string;
    readonly reason?: string;
  },
  errors: FieldErrors,
): void {
  if (!event.reportingComponent) errors.push(required('reportingController'));
  else expectQualifiedName(event.reportingComponent, 'reportingController', errors);
  if (!event.reportingInstance) errors.push(required('reportingInstance'));
  if (!event.action) errors.push(required('action'));
  if (!event.reason) errors.push(required('reason'));
  else if (event.reason.length > newReasonLengthMax) {
    const text = `can have at most ${newReasonLengthMax} characters`;
    errors.push(invalidValue('reason', event.reason, text));
  }
}

/** The same events as `events.k8s.io` names their fields. Source: events.k8s.io/v1 Event. */
export const renamedEventRules: KindRules<RenamedEventDraft> = {
  checkName: checkDnsSubdomain,
  validate: (event) => {
    const errors = new FieldErrors();
    const namespace = event.metadata?.namespace ?? '';
    expectSameNamespace(event.regarding?.namespace ?? '', namespace, errors);
    if (!event.eventTime) {
      errors.push(required('eventTime'));
      return errors;
    }
    const { reportingController: reportingComponent = '' } = event;
    validateNewEvent({ ...event, reportingComponent }, errors);
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
