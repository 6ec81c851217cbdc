import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RequestTarget, UserInfo } from '@fairway/protocol';
import { parseRequestTarget } from '@fairway/protocol';
import { AuditChoices, type AuditPolicyRule } from './audit-policy.ts';
import { readAuditPolicy } from './read-audit-policy.ts';

const ann: UserInfo = { username: 'ann', groups: ['devs', 'system:authenticated'] };

function targetOf(asked: string): RequestTarget {
  const [method = '', url = ''] = asked.split(' ');
  const [path = '', query = ''] = url.split('?');
  return parseRequestTarget({ method, path, query });
}

function levelOf(rule: Partial<AuditPolicyRule>, asked: string, user: UserInfo = ann): string {
  const rules = [{ level: 'Metadata', ...rule } as const];
  return new AuditChoices({ rules }).choose(user, targetOf(asked)).level;
}

const pods = 'GET /api/v1/namespaces/a/pods';
const pod = `${pods}/web`;
const log = `${pod}/log`;
const node = 'GET /api/v1/nodes/n';
const scale = 'GET /apis/apps/v1/namespaces/a/deployments/d/scale';
const core = (resources: string[], resourceNames: string[] = []) => ({
  resources: [{ group: '', resources, resourceNames }],
});

const matching: readonly [Partial<AuditPolicyRule>, string][] = [
  [{}, pods],
  [{}, 'GET /version'],
  [{ users: ['bob', 'ann'] }, pods],
  [{ userGroups: ['ops', 'devs'] }, pods],
  [{ verbs: ['list'] }, pods],
  [{ verbs: ['watch'] }, `${pods}?watch=1`],
  [{ verbs: ['get'] }, 'GET /version'],
  [{ namespaces: ['a'] }, pods],
  [{ namespaces: [''] }, node],
  [{ resources: [{ group: '' }] }, log],
  [{ resources: [{}] }, pod],
  [core(['pods']), pod],
  [core(['pods/log']), log],
  [core(['pods/*']), log],
  [core(['pods/*']), pod],
  [core(['*/log']), log],
  [core(['*']), log],
  [core(['*']), node],
  [core(['pods'], ['web']), pod],
  [{ resources: [{ group: 'apps', resources: ['*/scale'] }] }, scale],
  [{ nonResourceURLs: ['/version'] }, 'GET /version'],
  [{ nonResourceURLs: ['/healthz*'] }, 'GET /healthz/ping'],
  [{ nonResourceURLs: ['*'] }, 'GET /readyz'],
];

const passedOver: readonly [Partial<AuditPolicyRule>, string][] = [
  [{ users: ['bob'] }, pods],
  [{ userGroups: ['ops'] }, pods],
  [{ verbs: ['get'] }, pods],
  [{ namespaces: ['b'] }, pods],
  [{ namespaces: ['a'] }, node],
  [{ namespaces: ['a'] }, 'GET /version'],
  [core(['pods']), log],
  [core(['pods/log']), pod],
  [core(['*/log']), pod],
  [core(['pods'], ['db']), pod],
  [core(['pods'], ['web']), pods],
  [{ resources: [{ group: 'apps' }] }, pod],
  [{ resources: [{ group: '' }] }, scale],
  [{ nonResourceURLs: ['/version'] }, 'GET /versions'],
  [{ nonResourceURLs: ['/healthz/*'] }, 'GET /healthz'],
  [{ nonResourceURLs: ['*'] }, pod],
];

test('a rule is for what it names, as in a kube-apiserver', () => {
  for (const [rule, asked] of matching) {
    assert.equal(levelOf(rule, asked), 'Metadata', `${JSON.stringify(rule)} ${asked}`);
  }
  for (const [rule, asked] of passedOver) {
    assert.equal(levelOf(rule, asked), 'None', `${JSON.stringify(rule)} ${asked}`);
  }
});

test('who has not proved who he is has no user and no groups', () => {
  const rules = [
    { level: 'Request', users: [''] },
    { level: 'Request', userGroups: ['system:unauthenticated'] },
    { level: 'Metadata' },
  ] as const;
  assert.equal(new AuditChoices({ rules }).choose(undefined, targetOf(pod)).level, 'Metadata');
});

test('the first rule that matches counts, and stages add to those of the policy', () => {
  const choices = new AuditChoices({
    rules: [
      { level: 'None', users: ['bob'] },
      { level: 'Request', namespaces: ['a'], omitStages: ['Panic'], omitManagedFields: false },
      { level: 'Metadata' },
    ],
    omitStages: ['RequestReceived'],
    omitManagedFields: true,
  });
  assert.deepEqual(choices.choose(ann, targetOf(pod)), {
    level: 'Request',
    omitStages: new Set(['RequestReceived', 'Panic']),
    omitsManagedFields: false,
  });
  assert.equal(choices.choose({ ...ann, username: 'bob' }, targetOf(pod)).level, 'None');
  const { omitsManagedFields } = choices.choose(ann, targetOf(node));
  assert.equal(omitsManagedFields, true);
});

const head = 'apiVersion: audit.k8s.io/v1\nkind: Policy\n';

test('a policy is read from YAML', () => {
  const policy = readAuditPolicy(`${head}omitStages: [RequestReceived]
rules:
  - level: None
    users: ["system:kube-proxy"]
    verbs: ["watch"]
    resources:
      - group: "" # core
        resources: ["endpoints", "services"]
  - level: Metadata
    namespaces:
    nonResourceURLs: ["/api*", "/version"]
`);
  assert.equal(policy.rules.length, 2);
  assert.deepEqual(policy.omitStages, ['RequestReceived']);
  assert.deepEqual(policy.rules[1], {
    level: 'Metadata',
    nonResourceURLs: ['/api*', '/version'],
  });
});

const refusals: readonly [string, RegExp][] = [
  ['kind: Policy\nrules: [{level: None}]', /it is "Policy" of nothing/],
  ['apiVersion: audit.k8s.io/v1beta1\nkind: Policy\nrules: [{level: None}]', /audit.k8s.io\/v1$/],
  ['- a', /the policy: it is no object/],
  [`${head}rules: []`, /rules: there is none/],
  [`${head}rules: [{}]`, /rules\[0\].level: it is required/],
  [`${head}rules: [{level: All}]`, /rules\[0\].level: "All" is none of None, Metadata/],
  [`${head}rules: [{level: None, user: [x]}]`, /rules\[0\]: unknown field "user"/],
  [`${head}rules: [{level: None, users: x}]`, /rules\[0\].users: it is no list/],
  [`${head}rules: [{level: None, users: [1]}]`, /rules\[0\].users\[0\]: it is no text/],
  [`${head}rules: [{level: None, omitStages: [End]}]`, /omitStages\[0\]: "End" is none of/],
  [`${head}rules: [{level: None}]\nomitManagedFields: 1`, /1 is neither true nor false/],
  [`${head}rules: [{level: None, nonResourceURLs: [version]}]`, /does not begin with \//],
  [`${head}rules: [{level: None, nonResourceURLs: ["/a*b"]}]`, /a \* that is not at its end/],
  [
    `${head}rules: [{level: None, nonResourceURLs: [/a], namespaces: [a]}]`,
    /nonResourceURLs: a rule is for these or for resources and namespaces, not for both/,
  ],
  [
    `${head}rules: [{level: None, resources: [{resourceNames: [a]}]}]`,
    /resources\[0\].resourceNames: they need resources beside them/,
  ],
  [`${head}rules: [{level: None, resources: [{group: apps/v1}]}]`, /"apps\/v1" is no name of a/],
  [`${head}rules: [{level: None, resources: [{kinds: [a]}]}]`, /unknown field "kinds"/],
];

test('a policy that cannot be used is refused with the field and why', () => {
  for (const [text, message] of refusals) {
    assert.throws(() => readAuditPolicy(text), { name: 'RangeError', message });
  }
});
