import assert from 'node:assert/strict';
import { test } from 'node:test';

import { qosClassOf } from './qos-class.ts';

const whole = { cpu: '1', memory: '1Gi' };

test('qosClassOf looks at the requests and limits of all containers', () => {
  assert.equal(qosClassOf({ containers: [{}] }), 'BestEffort');
  const asked = { resources: { requests: { cpu: '1' } } };
  assert.equal(qosClassOf({ containers: [asked] }), 'Burstable');
  const guaranteed = { resources: { requests: { ...whole, cpu: '1000m' }, limits: whole } };
  assert.equal(qosClassOf({ containers: [guaranteed] }), 'Guaranteed');
  assert.equal(qosClassOf({ containers: [guaranteed, {}] }), 'Burstable');
  assert.equal(qosClassOf({ containers: [guaranteed], initContainers: [{}] }), 'Burstable');
});
