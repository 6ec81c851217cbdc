import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readAdmissionConfiguration } from './read-configurations.ts';

const podSecurity = {
  apiVersion: 'pod-security.admission.config.k8s.io/v1',
  kind: 'PodSecurityConfiguration',
};
const eventLimits = {
  apiVersion: 'eventratelimit.admission.k8s.io/v1alpha1',
  kind: 'Configuration',
};
const tolerations = {
  apiVersion: 'podtolerationrestriction.admission.k8s.io/v1alpha1',
  kind: 'Configuration',
};

test('readAdmissionConfiguration() reads pod security, with its defaults', () => {
  const document = {
    ...podSecurity,
    defaults: { enforce: 'baseline', 'enforce-version': 'v1.30', warn: '' },
    exemptions: { namespaces: ['kube-system'], usernames: ['a b'] },
  };
  const free = { level: 'privileged', version: 'latest' };
  assert.deepEqual(readAdmissionConfiguration('PodSecurity', document).PodSecurity, {
    defaults: { enforce: { level: 'baseline', version: 'v1.30' }, audit: free, warn: free },
    exemptions: { namespaces: ['kube-system'], usernames: ['a b'], runtimeClasses: [] },
  });
});

test('readAdmissionConfiguration() reads selectors, tolerations and limits', () => {
  const podNodeSelectorPluginConfig = { clusterDefaultNodeSelector: 'a=b', shop: 'c=d', free: '' };
  assert.deepEqual(readAdmissionConfiguration('PodNodeSelector', { podNodeSelectorPluginConfig }), {
    PodNodeSelector: { clusterDefaultNodeSelector: 'a=b', allowed: { shop: 'c=d', free: '' } },
  });
  const one = { key: 'a', operator: 'Exists', tolerationSeconds: 5 };
  assert.deepEqual(
    readAdmissionConfiguration('PodTolerationRestriction', { ...tolerations, default: [one] }),
    { PodTolerationRestriction: { default: [one], whitelist: [] } },
  );
  const limits = [{ type: 'Server', qps: 5, burst: 10 }];
  assert.deepEqual(readAdmissionConfiguration('EventRateLimit', { ...eventLimits, limits }), {
    EventRateLimit: [{ type: 'Server', qps: 5, burst: 10, cacheSize: 4_096 }],
  });
});

test('readAdmissionConfiguration() says all that is wrong', () => {
  const namespaces = ['a', 'a', 'No', ''];
  const rows: readonly (readonly [string, unknown, RegExp])[] = [
    ['ImagePolicyWebhook', {}, /^ImagePolicyWebhook takes no configuration in Fairway, only Ev/],
    ['PodSecurity', { kind: 'PodSecurityConfiguration' }, /has not apiVersion pod-security\.adm/],
    ['PodSecurity', undefined, /has not apiVersion/],
    ['PodSecurity', { ...podSecurity, deflaults: {} }, /deflaults: Invalid value: .*unknown field/],
    [
      'PodSecurity',
      { ...podSecurity, defaults: { enforce: 'all', 'warn-version': '1.2', audit: 1 } },
      /defaults\.enforce: Invalid value: "all": must be one of .*defaults\.audit: .*must be a string.*defaults\.warn-version: Invalid value: "1\.2": must be "latest" or "v1\.x"/,
    ],
    [
      'PodSecurity',
      { ...podSecurity, exemptions: { namespaces } },
      /namespaces\[1\]: Duplicate value: "a"; exemptions\.namespaces\[2\]: Invalid.*namespaces\[3\]: Required value/,
    ],
    [
      'PodNodeSelector',
      { podNodeSelectorPluginConfig: { a: 'b' } },
      /podNodeSelectorPluginConfig\.a: Invalid value: "b": invalid selector: \[b\]/,
    ],
    [
      'PodTolerationRestriction',
      { ...tolerations, default: [{ key: 1, tolerationSeconds: '5' }] },
      /default\[0\]\.key: .*must be a string; default\[0\]\.tolerationSeconds: .*whole number/,
    ],
    ['EventRateLimit', eventLimits, /limits: Invalid value: \[\]: must not be empty/],
    [
      'EventRateLimit',
      { ...eventLimits, limits: [{ type: 'All', qps: 0, burst: 1.5, cacheSize: -1 }] },
      /limits\[0\]\.type: Unsupported value: "All".*burst: .*must be positive.*qps: .*must be positive.*must not be negative/,
    ],
  ];
  for (const [name, document, message] of rows) {
    assert.throws(() => readAdmissionConfiguration(name, document), {
      name: 'RangeError',
      message,
    });
  }
});
