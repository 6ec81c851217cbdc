import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readAdmissionChoice } from './admission-choice.ts';

test('readAdmissionChoice() tells what is missing of what every kube-apiserver has on', () => {
  const enabled = ['NamespaceLifecycle', 'NodeRestriction', 'ClusterTrustBundleAttest'];
  const disabled = ['ServiceAccount', 'ResourceQuota', 'AlwaysPullImages'];
  assert.deepEqual(readAdmissionChoice({ enabled, disabled }), {
    missing: ['ClusterTrustBundleAttest'],
  });
});

test('readAdmissionChoice() refuses unknown names, contradictions and what is not built', () => {
  const refusals: readonly (readonly [string[], string[], RegExp])[] = [
    [['Initializers'], [], /there is no admission plugin "Initializers"/],
    [[], ['PodSecurityPolicy'], /there is no admission plugin "PodSecurityPolicy"/],
    [[''], [], /there is no admission plugin ""/],
    [['Priority'], ['Priority'], /Priority is to be both on and off/],
    [['AlwaysPullImages'], [], /AlwaysPullImages is not built in Fairway, which has Namespace/],
  ];
  for (const [enabled, disabled, message] of refusals) {
    assert.throws(() => readAdmissionChoice({ enabled, disabled }), {
      name: 'RangeError',
      message,
    });
  }
});
