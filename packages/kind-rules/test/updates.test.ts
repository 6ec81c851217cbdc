import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { DaemonSet } from '@fairway/kinds/apps/v1';
import type { Pod } from '@fairway/kinds/core/v1';
import { fieldErrorText, type ObjectDraft } from '@fairway/protocol';

import { daemonSetRules } from '../src/rules/daemon-sets.ts';
import { podRules } from '../src/rules/pods.ts';
import { type Changes, goldenObject, withChanges } from './golden-objects.ts';
import { validateObjectMetaUpdate } from '../src/metadata/validate-object-meta.ts';

/** Changes a complete object and answers what the rules say to it. */
function changed(goldenName: string, changes: Changes, storedChanges: Changes = {}): string[] {
  const { object, rules } = goldenObject(goldenName);
  const draft = withChanges(object, changes);
  const stored = withChanges(object, storedChanges);
  rules.applyDefaults?.(draft);
  rules.prepareForUpdate?.(draft, stored);
  const errors = [
    ...validateObjectMetaUpdate(draft, stored),
    ...(rules.validate?.(draft) ?? []),
    ...(rules.validateUpdate?.(draft, stored) ?? []),
  ];
  return errors.map(fieldErrorText);
}

test('podRules lets the image and new tolerations change', () => {
  const errors = changed('pod', {
    'spec.containers.0.image': 'nginx:1.28',
    'spec.tolerations.2': { key: 'a', operator: 'Exists' },
  });
  assert.deepEqual(errors, []);
});

test('podRules refuses other changes and names what may change', () => {
  assert.deepEqual(changed('pod', { 'spec.nodeName': 'elsewhere' }), [
    'spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
  ]);
});

test('podRules refuses another number of containers and lost tolerations', () => {
  assert.deepEqual(changed('pod', { 'spec.containers.1': { name: 'more', image: 'a' } }), [
    'spec.containers: Forbidden: pod updates may not add or remove containers',
  ]);
  assert.deepEqual(changed('pod', { 'spec.tolerations': [] }), [
    'spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds',
  ]);
});

test('podRules keeps the status on an update and the spec on a status update', () => {
  const stored = podOf('a', 'Running');
  const main = podOf('b', 'Failed');
  podRules.prepareForUpdate?.(main, stored);
  assert.deepEqual(main, podOf('b', 'Running'));
  const status = podOf('b', 'Failed');
  podRules.prepareForStatusUpdate?.(status, stored);
  assert.deepEqual(status, podOf('a', 'Failed'));
});

function podOf(nodeName: string, phase: 'Running' | 'Failed'): ObjectDraft<Pod> {
  return { spec: { nodeName }, status: { phase } };
}

const immutable: readonly (readonly [string, Changes, readonly string[]])[] = [
  [
    'deployment',
    {
      'spec.selector.matchLabels': { a: 'c' },
      'spec.template.metadata.labels': { a: 'c' },
    },
    ['spec.selector: Invalid value: {"matchLabels":{"a":"c"}}: field is immutable'],
  ],
  [
    'statefulset',
    { 'spec.serviceName': 'other' },
    [
      "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
    ],
  ],
  [
    'service-clusterip',
    { 'spec.clusterIP': '10.0.0.9', 'spec.clusterIPs': ['10.0.0.9'] },
    ['spec.clusterIPs[0]: Invalid value: "10.0.0.9": may not change once set'],
  ],
  [
    'rolebinding',
    { 'roleRef.name': 'other' },
    [
      'roleRef: Invalid value: {"APIGroup":"rbac.authorization.k8s.io","Kind":"Role","Name":"other"}: cannot change roleRef',
    ],
  ],
  [
    'secret',
    { type: 'example.com/other' },
    ['type: Invalid value: "example.com/other": field is immutable'],
  ],
  [
    'pvc',
    { 'spec.accessModes': ['ReadWriteMany'] },
    [
      `spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims
@@ -1,6 +1,6 @@
 {
  "AccessModes": [
-  "ReadWriteOnce"
+  "ReadWriteMany"
  ],
  "Selector": null,
  "Resources": {
`,
    ],
  ],
  ['storageclass', { provisioner: 'q' }, ['provisioner: Invalid value: "q": field is immutable']],
  ['priorityclass', { value: 6 }, ['value: Forbidden: may not be changed in an update.']],
  [
    'configmap',
    { 'metadata.uid': 'other' },
    ['metadata.uid: Invalid value: "other": field is immutable'],
  ],
];

for (const [name, changes, expected] of immutable) {
  test(`kind rules keep what may not change in a ${name}`, () => {
    assert.deepEqual(changed(name, changes), expected);
  });
}

test('configMapRules freezes the data of an immutable config map', () => {
  const changes = { immutable: false, data: { a: 'c' } };
  const errors = changed('configmap', changes, { immutable: true });
  assert.deepEqual(errors, [
    'immutable: Forbidden: field is immutable when `immutable` is set',
    'data: Forbidden: field is immutable when `immutable` is set',
  ]);
});

test('validateObjectMetaUpdate refuses new finalizers while deleting', () => {
  const stored = { metadata: { deletionTimestamp: '2026-11-22T00:00:00Z', finalizers: ['a/b'] } };
  const draft = { metadata: { ...stored.metadata, finalizers: ['a/b', 'c/d'] } };
  assert.deepEqual(
    validateObjectMetaUpdate(draft, stored).map((error) => error.detail),
    [
      'no new finalizers can be added if the object is being deleted, found new finalizers []string{"c/d"}',
    ],
  );
});

test('daemonSetRules counts changes of the template in the annotation', () => {
  const annotation = 'deprecated.daemonset.template.generation';
  const stored: ObjectDraft<DaemonSet> = {
    metadata: { annotations: { [annotation]: '4' } },
    spec: { template: { spec: { nodeName: 'a' } } },
  };
  const draft: ObjectDraft<DaemonSet> = { spec: { template: { spec: { nodeName: 'b' } } } };
  daemonSetRules.prepareForUpdate?.(draft, stored);
  assert.equal(draft.metadata?.annotations?.[annotation], '5');
});
