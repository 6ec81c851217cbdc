import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { readAuthorizationConfiguration } from './authorization-configuration.ts';

const webhook = {
  timeout: '3s',
  subjectAccessReviewVersion: 'v1',
  failurePolicy: 'Deny',
  connectionInfo: { type: 'KubeConfigFile', kubeConfigFile: '/k' },
};

function read(authorizers: unknown, apiVersion = 'apiserver.config.k8s.io/v1') {
  const document = { apiVersion, kind: 'AuthorizationConfiguration', authorizers };
  return readAuthorizationConfiguration(document);
}

async function problems(authorizers: unknown): Promise<readonly string[]> {
  const outcome = await read(authorizers);
  return outcome.kind === 'refused' ? outcome.problems : [];
}

test('readAuthorizationConfiguration() reads authorizers in their order, with the usual times', async () => {
  const outcome = await read([
    { type: 'Node', name: 'node' },
    { type: 'Webhook', name: 'hook', webhook },
    {
      type: 'Webhook',
      name: 'other',
      webhook: {
        ...webhook,
        subjectAccessReviewVersion: 'v1beta1',
        authorizedTTL: '1m30s',
        cacheUnauthorizedRequests: false,
        failurePolicy: 'NoOpinion',
        connectionInfo: { type: 'InClusterConfig' },
      },
    },
    { type: 'RBAC', name: 'rbac' },
  ]);
  ok(outcome.kind === 'read');
  const shown = outcome.authorizers.map((each) => {
    if (each.type !== 'Webhook') return each;
    const { conditions, ...settings } = each.webhook;
    equal(typeof conditions, 'function');
    return { type: each.type, name: each.name, ...settings };
  });
  deepEqual(shown, [
    { type: 'Node', name: 'node' },
    {
      type: 'Webhook',
      name: 'hook',
      kubeConfigFile: '/k',
      version: 'v1',
      timeoutMs: 3_000,
      authorizedTtlMs: 300_000,
      unauthorizedTtlMs: 30_000,
      failurePolicy: 'Deny',
    },
    {
      type: 'Webhook',
      name: 'other',
      version: 'v1beta1',
      timeoutMs: 3_000,
      authorizedTtlMs: 90_000,
      unauthorizedTtlMs: 0,
      failurePolicy: 'NoOpinion',
    },
    { type: 'RBAC', name: 'rbac' },
  ]);
});

test('readAuthorizationConfiguration() says what is wrong, by its field', async () => {
  const hook = (changes: object) => [
    { type: 'Webhook', name: 'hook', webhook: { ...webhook, ...changes } },
  ];
  for (const [authorizers, expected] of [
    [[], ['authorizers: Required value: at least one authorization mode must be defined']],
    ['RBAC', ['authorizers: Invalid value: "RBAC": must be a list', /Required/]],
    [[{ name: 'a' }], ['authorizers[0].type: Required value']],
    [[{ type: 'ABAC', name: 'a' }], [/type: Unsupported value: "ABAC": supported values: "Always/]],
    [[{ type: 'RBAC' }], ['authorizers[0].name: Required value']],
    [[{ type: 'RBAC', name: 'A b' }], [/name: Invalid value: "A b": authorizer name is invalid: /]],
    [
      [
        { type: 'RBAC', name: 'a' },
        { type: 'RBAC', name: 'b' },
        { type: 'Node', name: 'a' },
      ],
      ['authorizers[1].type: Duplicate value: "RBAC"', 'authorizers[2].name: Duplicate value: "a"'],
    ],
    [
      [{ type: 'RBAC', name: 'a', webhook }],
      [/webhook: Invalid value: "non-null": may only be specified when type=Webhook/],
    ],
    [[{ type: 'Webhook', name: 'a' }], [/webhook: Required value: required when type=Webhook/]],
    [hook({ timeout: undefined }), ['authorizers[0].webhook.timeout: Required value']],
    [hook({ timeout: '31s' }), [/timeout: Invalid value: "31s": must be > 0s and <= 30s/]],
    [hook({ timeout: 'soon' }), [/timeout: Invalid value: "soon": must be a duration/]],
    [hook({ authorizedTTL: '-1s' }), [/authorizedTTL: Invalid value: "-1s": must be > 0s$/]],
    [hook({ subjectAccessReviewVersion: 'v2' }), [/supported values: "v1", "v1beta1"$/]],
    [hook({ failurePolicy: 'Allow' }), [/supported values: "NoOpinion", "Deny"$/]],
    [hook({ connectionInfo: undefined }), [/connectionInfo.type: Required value/]],
    [
      hook({ connectionInfo: { type: 'KubeConfigFile', kubeConfigFile: 'k' } }),
      [/kubeConfigFile: Invalid value: "k": must be an absolute path/],
    ],
    [
      hook({ connectionInfo: { type: 'InClusterConfig', kubeConfigFile: '/k' } }),
      [/can only be set when type=KubeConfigFile/],
    ],
    [
      hook({ matchConditions: [{ expression: 'true' }] }),
      [/matchConditionSubjectAccessReviewVersion: Required value: required if match/],
    ],
    [
      hook({
        matchConditionSubjectAccessReviewVersion: 'v1',
        matchConditions: [
          { expression: 'true' },
          { expression: 'true' },
          { expression: ' ' },
          { expression: 'request.usr == ""' },
          { expression: '1' },
          {},
        ],
      }),
      [
        'authorizers[0].webhook.matchConditions[1].expression: Duplicate value: "true"',
        /Conditions\[2\].expression: Required value/,
        /Conditions\[5\].expression: Required value/,
        /Conditions\[3\].expression: Invalid value: .*undefined field 'usr'/,
        /Conditions\[4\].expression: Invalid value: "1": must evaluate to bool but got int/,
      ],
    ],
    [
      hook({
        matchConditionSubjectAccessReviewVersion: 'v1',
        matchConditions: Array.from({ length: 65 }, (_, at) => ({ expression: `${at} == 0` })),
      }),
      [/Too many: 65: must have at most 64 items/],
    ],
    [hook({ tiemout: '1s' }), [/webhook.tiemout: Invalid value: "tiemout": unknown field/]],
  ] as const) {
    const found = await problems(authorizers);
    equal(found.length, expected.length, found.join('\n'));
    for (const [at, each] of expected.entries()) {
      if (typeof each === 'string') equal(found[at], each);
      else match(found[at] ?? '', each);
    }
  }
});

test('readAuthorizationConfiguration() reads no other document', async () => {
  for (const document of [undefined, null, 'x', [], {}, { kind: 'AuthorizationConfiguration' }]) {
    equal((await readAuthorizationConfiguration(document)).kind, 'refused');
  }
  equal((await read([{ type: 'RBAC', name: 'a' }], 'apiserver.config.k8s.io/v2')).kind, 'refused');
});
