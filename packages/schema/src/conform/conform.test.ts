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

  test('sorts maps by their keys, also by those that objects inherit', () => {
    const labels = JSON.parse('{"b":"1","constructor":"2","__proto__":"3","a":"4"}') as object;
    const draft = conformed('ConfigMap', { metadata: { labels }, data: { z: '1', y: '2' } });
    assert.equal(
      JSON.stringify(draft),
      '{"metadata":{"labels":{"__proto__":"3","a":"4","b":"1","constructor":"2"}},"data":{"y":"2","z":"1"}}',
    );
  });

  test('rounds amounts of resources up to thousandths, and keeps others as fine as they are', () => {
    const amounts = { cpu: '0.1m', memory: '1n', 'a.b/c': null, d: '100m', e: '1500m', f: '1e-1' };
    const draft = { spec: { hard: amounts } };
    assert.deepEqual(conformed('ResourceQuota', draft), {
      spec: { hard: { 'a.b/c': '0', cpu: '1m', d: '100m', e: '1500m', f: '100e-3', memory: '1m' } },
    });
  });

  test('takes for an integer only what is written as one', () => {
    const schema = schemas.lookup('v1', 'Service') ?? {};
    const numberTexts = new Map([['spec.ports[1].targetPort', '8e1']]);
    const draft = { spec: { ports: [{ port: 80 }, { port: 81, targetPort: 80 }] } };
    assert.equal(
      conformToSchema(draft, { schema, kind: 'Service', numberTexts }).typeError,
      'json: cannot unmarshal number 8e1 into Go struct field ServicePort.spec.ports.targetPort of type int32',
    );
  });

  test('reads bytes that come as a list of numbers', () => {
    assert.deepEqual(conformed('Secret', { data: { k: [97, 98] } }), { data: { k: 'YWI=' } });
    const draft = { data: { k: [97, 256] } };
    const schema = schemas.lookup('v1', 'Secret') ?? {};
    assert.equal(
      conformToSchema(draft, { schema, kind: 'Secret' }).typeError,
      'json: cannot unmarshal number 256 into Go struct field Secret.data of type uint8',
    );
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
