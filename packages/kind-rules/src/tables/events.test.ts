import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { rowOf } from '../../test/row-of.ts';
import { coreEvents, events } from './events.ts';

const coreEvent = {
  type: 'Warning',
  reason: 'BackOff',
  involvedObject: { kind: 'Pod', name: 'web-1', fieldPath: 'spec.containers{web}' },
  source: { component: 'kubelet', host: 'n1' },
  message: ' restarting failed container\n',
  firstTimestamp: '2026-11-22T11:00:00Z',
  lastTimestamp: '2026-11-22T11:59:00Z',
  count: 12,
};
const row = {
  'Last Seen': '60s',
  Type: 'Warning',
  Reason: 'BackOff',
  Object: 'pod/web-1',
  Subobject: 'spec.containers{web}',
  Source: 'kubelet, n1',
  Message: 'restarting failed container',
  'First Seen': '60m',
  Count: 12,
};

test('coreEvents show what happened to which object', () => {
  deepEqual(rowOf(coreEvents, coreEvent), row);
});

test('events show the same under the other names', () => {
  const { involvedObject, source, message, firstTimestamp, lastTimestamp, count, ...kept } =
    coreEvent;
  const renamed = {
    ...kept,
    regarding: involvedObject,
    note: message,
    deprecatedSource: source,
    deprecatedFirstTimestamp: firstTimestamp,
    deprecatedLastTimestamp: lastTimestamp,
    deprecatedCount: count,
  };
  deepEqual(rowOf(events, renamed), row);
});

test('coreEvents show an event that happened once, at a precise time', () => {
  const shown = rowOf(coreEvents, {
    eventTime: '2026-11-22T11:58:30.000250Z',
    firstTimestamp: null,
    lastTimestamp: null,
    reportingComponent: 'scheduler',
    involvedObject: { kind: 'Node' },
  });
  deepEqual([shown['Last Seen'], shown['First Seen'], shown['Count']], ['89s', '89s', 1]);
  deepEqual([shown['Object'], shown['Source']], ['node', 'scheduler']);
});

test('coreEvents show when a series was last observed', () => {
  const series = { count: 40, lastObservedTime: '2026-11-22T11:59:50.000000Z' };
  const shown = rowOf(coreEvents, { ...coreEvent, series });
  equal(shown['Last Seen'], '10s');
  equal(shown['Count'], 40);
});
