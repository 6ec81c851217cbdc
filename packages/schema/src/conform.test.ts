import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { builtInSchemas } from '@fairway/kinds/schema';
import { conformToSchema } from './conform.ts';

const schemas = builtInSchemas();

function conformed(kind: string, draft: object, apiVersion = 'v1'): object {
  const schema = schemas.lookup(apiVersion, kind) ?? {};
  assert.deepEqual(conformToSchema(draft, { schema, kind }), {
    unknownFields: [],
    typeError: undefined,
  });
  return draft;
}

suite('conformToSchema', () => {
  test('drops zeros that say no more than an absent field', () => {
    const spec = { hostNetwork: false, nodeName: '', priorityClassName: '', containers: [] };
    const container = { name: 'a', stdin: false, workingDir: '', env: [{ name: 'b', value: '' }] };
    const draft = { metadata: { generateName: '', name: 'a' }, spec };
    Object.assign(spec, { containers: [container], tolerations: [], nodeSelector: {} });
    assert.deepEqual(conformed('Pod', draft), {
      metadata: { name: 'a' },
      spec: { containers: [{ name: 'a', env: [{ name: 'b' }] }] },
    });
    const deployment = { spec: { paused: false, minReadySeconds: 0, replicas: 0 } };
    assert.deepEqual(conformed('Deployment', deployment, 'apps/v1'), { spec: { replicas: 0 } });
  });

  test('keeps zeros of pointers, of what is always written, of maps and of types of their own', () => {
    for (const [kind, draft] of [
      [
        'Pod',
        {
          spec: {
            shareProcessNamespace: false,
            enableServiceLinks: false,
            containers: [
              { name: '', securityContext: { allowPrivilegeEscalation: false, runAsUser: 0 } },
            ],
          },
        },
      ],
      ['ConfigMap', { data: { a: '' }, metadata: { annotations: { b: '' } } }],
      ['Service', { spec: { ports: [{ port: 0, targetPort: 0 }] } }],
      ['Endpoints', { subsets: [{ addresses: [{ ip: '', nodeName: '' }] }] }],
    ] as const) {
      assert.deepEqual(conformed(kind, structuredClone(draft)), draft, kind);
    }
  });

  test('drops any number of unknown fields and names the first thousand', () => {
    const draft = Object.fromEntries(Array.from({ length: 2_000 }, (_, at) => [`f${at}`, 1]));
    const schema = schemas.lookup('v1', 'Pod') ?? {};
    const { unknownFields } = conformToSchema(draft, { schema, kind: 'Pod' });
    assert.equal(unknownFields.length, 1_000);
    assert.deepEqual(draft, {});
  });
});
