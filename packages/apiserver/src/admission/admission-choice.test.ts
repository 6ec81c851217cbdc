import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkAdmissionChoice } from './admission-choice.ts';

test('checkAdmissionChoice() takes all that a kube-apiserver has on, and what is built', () => {
  const enabled = ['NamespaceLifecycle', 'NodeRestriction', 'ClusterTrustBundleAttest'];
  const disabled = ['ServiceAccount', 'ResourceQuota', 'ImagePolicyWebhook'];
  assert.doesNotThrow(() => checkAdmissionChoice({ enabled, disabled }));
});

test('checkAdmissionChoice() refuses unknown names, contradictions and what is not built', () => {
  const refusals: readonly (readonly [string[], string[], RegExp])[] = [
    [['Initializers'], [], /there is no admission plugin "Initializers"/],
    [[], ['PodSecurityPolicy'], /there is no admission plugin "PodSecurityPolicy"/],
    [[''], [], /there is no admission plugin ""/],
    [['Priority'], ['Priority'], /Priority is to be both on and off/],
    [['ImagePolicyWebhook'], [], /ImagePolicyWebhook is not built in Fairway, which has Always/],
  ];
  for (const [enabled, disabled, message] of refusals) {
    assert.throws(() => checkAdmissionChoice({ enabled, disabled }), {
      name: 'RangeError',
      message,
    });
  }
});
