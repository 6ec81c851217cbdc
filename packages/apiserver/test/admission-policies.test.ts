import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { settle } from '@fairway/host/testing';
import { type TestServer, startTestServer } from '@fairway/apiserver/testing';

const registration = '/apis/admissionregistration.k8s.io/v1';
const configMaps = '/api/v1/namespaces/default/configmaps';

const ofConfigMaps = {
  resourceRules: [
    { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] },
  ],
};

const autoscalers = '/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers';
const autoscalerSpec = {
  maxReplicas: 3,
  scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
};
/** Requests for them come in version 2. */
const ofVersionOne = {
  resourceRules: [
    {
      apiGroups: ['autoscaling'],
      apiVersions: ['v1'],
      operations: ['CREATE'],
      resources: ['horizontalpodautoscalers'],
    },
  ],
};

async function addPolicy(
  server: TestServer,
  name: string,
  spec: object,
  binding: object = { validationActions: ['Deny'] },
): Promise<void> {
  const policies = `${registration}/validatingadmissionpolicies`;
  const body = { metadata: { name }, spec: { matchConstraints: ofConfigMaps, ...spec } };
  await server.expect(201, 'POST', policies, { body });
  const bound = { metadata: { name }, spec: { policyName: name, ...binding } };
  await server.expect(201, 'POST', `${policies.slice(0, -3)}ybindings`, { body: bound });
  await settle();
}

/** What was written is known when the event loop has turned, which it has before an answer reaches anybody. */
async function change(
  server: TestServer,
  ...[method, path, options]: Parameters<TestServer['request']>
): Promise<void> {
  await server.expect(200, method, path, options);
  await settle();
}

let made = 0;
function newConfigMap(data: object = {}): { readonly body: object } {
  return { body: { metadata: { name: `c${made++}` }, data } };
}

const numbers = `[${Array.from({ length: 60 }, (_, at) => at).join(', ')}]`;
/** Costs more than one expression may. */
const long = `${numbers}.all(a, ${numbers}.all(b, ${numbers}.all(c, a + b + c >= 0 && size(object.data) > 0)))`;

describe('policies', () => {
  test('hold for the write after their own, and no longer than they are there', async () => {
    await using server = await startTestServer();
    const policy = `${registration}/validatingadmissionpolicies/p`;
    for (let round = 0; round < 3; round++) {
      await addPolicy(server, 'p', { validations: [{ expression: 'false' }] });
      await server.expect(422, 'POST', configMaps, newConfigMap());
      const body = { spec: { validations: [{ expression: 'true' }] } };
      const headers = { 'content-type': 'application/merge-patch+json' };
      await change(server, 'PATCH', policy, { body, headers });
      await server.expect(201, 'POST', configMaps, newConfigMap());
      await change(server, 'DELETE', policy);
      await server.expect(201, 'POST', configMaps, newConfigMap());
      await change(server, 'DELETE', `${registration}/validatingadmissionpolicybindings/p`);
    }
  });

  test('end at their budget: one expression, and all of a policy', async () => {
    await using server = await startTestServer();
    await addPolicy(server, 'long', { validations: [{ expression: long }] });
    const one = await server.expect(422, 'POST', configMaps, newConfigMap({ k: 'v' }));
    assert.match(one.json.message, /operation cancelled: actual cost limit exceeded$/);
    await change(server, 'DELETE', `${registration}/validatingadmissionpolicies/long`);
    const all = Array.from({ length: 11 }, () => `${long} || true`);
    await addPolicy(server, 'longer', { validations: all.map((each) => ({ expression: each })) });
    const budget = await server.expect(422, 'POST', configMaps, newConfigMap({ k: 'v' }));
    assert.match(
      budget.json.message,
      /denied request: validation failed due to running out of cost budget, no further validation rules will be run$/,
    );
  });

  test('have no say about policies, so that they can always be mended', async () => {
    await using server = await startTestServer();
    const everything = {
      resourceRules: [
        { apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*'] },
      ],
    };
    await addPolicy(server, 'no', {
      matchConstraints: everything,
      validations: [{ expression: 'false' }],
    });
    await server.expect(422, 'POST', configMaps, newConfigMap());
    await server.expect(422, 'POST', '/api/v1/namespaces', { body: { metadata: { name: 'n' } } });
    await change(server, 'DELETE', `${registration}/validatingadmissionpolicies/no`);
    await server.expect(201, 'POST', configMaps, newConfigMap());
  });

  test('see objects in the version that their rules name', async () => {
    await using server = await startTestServer();
    await addPolicy(server, 'cpu', {
      matchConstraints: ofVersionOne,
      validations: [
        {
          expression:
            "object.spec.targetCPUUtilizationPercentage < 70 || request.requestKind.version != 'v2'",
          messageExpression: "object.apiVersion + ' ' + request.kind.version",
        },
      ],
    });
    const target = { type: 'Utilization', averageUtilization: 70 };
    const body = {
      metadata: { name: 'a' },
      spec: {
        ...autoscalerSpec,
        metrics: [{ type: 'Resource', resource: { name: 'cpu', target } }],
      },
    };
    const refused = await server.expect(422, 'POST', autoscalers, { body });
    assert.match(refused.json.message, /denied request: autoscaling\/v1 v1$/);
  });
});

async function addMutation(server: TestServer, name: string, spec: object): Promise<void> {
  const policies = `${registration}/mutatingadmissionpolicies`;
  const whole = { matchConstraints: ofConfigMaps, reinvocationPolicy: 'Never', ...spec };
  await server.expect(201, 'POST', policies, { body: { metadata: { name }, spec: whole } });
  const bound = { metadata: { name }, spec: { policyName: name } };
  await server.expect(201, 'POST', `${policies.slice(0, -3)}ybindings`, { body: bound });
  await settle();
}

function applying(expression: string): object {
  return {
    mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression } }],
  };
}

function patching(expression: string): object {
  return { mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression } }] };
}

describe('mutating policies', () => {
  test('are asked in the order of their names, each about what those before it have left', async () => {
    await using server = await startTestServer();
    await addMutation(server, 'b', applying("Object{data: {'k': object.data.k + 'b'}}"));
    await addMutation(
      server,
      'a',
      patching("[JSONPatch{op: 'add', path: '/data/k', value: object.data.k + 'a'}]"),
    );
    await addPolicy(server, 'sees', { validations: [{ expression: "object.data.k == 'vab'" }] });
    const made = await server.expect(201, 'POST', configMaps, newConfigMap({ k: 'v' }));
    assert.deepEqual(made.json['data'], { k: 'vab' });
  });

  test('are asked again when others after them have changed the object, if they want to be', async () => {
    await using server = await startTestServer();
    const counting = "Object{data: {'n': (has(object.data.n) ? object.data.n : '') + 'x'}}";
    await addMutation(server, 'a', { ...applying(counting), reinvocationPolicy: 'IfNeeded' });
    const alone = await server.expect(201, 'POST', configMaps, newConfigMap({ k: 'v' }));
    assert.equal(alone.json['data'].n, 'x');
    await addMutation(server, 'b', applying("Object{data: {'b': 'b'}}"));
    const again = await server.expect(201, 'POST', configMaps, newConfigMap({ k: 'v' }));
    assert.equal(again.json['data'].n, 'xx');
  });

  test('end at their budget, which a mutation and its variables have together', async () => {
    await using server = await startTestServer();
    const names = Array.from({ length: 11 }, (_, at) => `v${at}`);
    const variables = names.map((name) => ({ name, expression: `${long} || true` }));
    const all = names.map((name) => `variables.${name}`).join(' && ');
    const expression = `Object{data: {'k': ${all} ? 'yes' : 'no'}}`;
    await addMutation(server, 'long', { variables, ...applying(expression) });
    const refused = await server.expect(403, 'POST', configMaps, newConfigMap({ k: 'v' }));
    assert.match(refused.json.message, /running out of cost budget/);
  });

  test('refuse what would take away more than it says, or is not named by its place', async () => {
    await using server = await startTestServer({ disabledAdmissionPlugins: ['ServiceAccount'] });
    const pods = {
      resourceRules: [
        { apiGroups: [''], apiVersions: ['v1'], operations: ['*'], resources: ['pods'] },
      ],
    };
    const table: readonly (readonly [expression: string, why: string])[] = [
      [
        "Object{spec: Object.spec{nodeSelector: {'a': 'b'}, containers: [Object.spec.containers{name: 'c', args: ['x']}]}}",
        'error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: .spec.nodeSelector, .spec.containers[0].args',
      ],
      [
        'Object{spec: Object.wrong{hostname: "h"}}',
        'type mismatch: unexpected type name "Object.wrong", expected "Object.spec", which matches field name path from root Object type',
      ],
      [
        'Object{spec: Object.spec{absent: "h"}}',
        'error applying patch: failed to convert patch object to typed object: .spec.absent: field not declared in schema',
      ],
    ];
    const container = { name: 'c', image: 'i' };
    const body = { metadata: { name: 'p' }, spec: { containers: [container] } };
    for (const [expression, why] of table) {
      await addMutation(server, 'm', { matchConstraints: pods, ...applying(expression) });
      const path = '/api/v1/namespaces/default/pods?dryRun=All';
      const refused = await server.expect(403, 'POST', path, { body });
      const who = "policy 'm' with binding 'm' denied request";
      assert.equal(refused.json.message, `${who}: ${why}`);
      await change(server, 'DELETE', `${registration}/mutatingadmissionpolicies/m`);
      await change(server, 'DELETE', `${registration}/mutatingadmissionpolicybindings/m`);
    }
  });

  test('whose patches leave no object of the kind are told of as internal errors, with their cause', async () => {
    await using server = await startTestServer();
    const table: readonly (readonly [patch: string, why: string])[] = [
      ["op: 'replace', path: '', value: [1]", 'the patch leaves no object'],
      [
        "op: 'replace', path: '/kind', value: 'Secret'",
        'the patch makes another kind of object of v1, Kind=ConfigMap',
      ],
      ["op: 'add', path: '/datum', value: 'x'", 'strict decoding error: unknown field "datum"'],
    ];
    for (const [patch, why] of table) {
      await addMutation(server, 'm', patching(`[JSONPatch{${patch}}]`));
      const { json } = await server.expect(500, 'POST', configMaps, newConfigMap());
      assert.equal(json.reason, 'InternalError');
      assert.equal(json.message, `Internal error occurred: ${why}`);
      assert.deepEqual(json.details?.causes, [{ message: why }]);
      await change(server, 'DELETE', `${registration}/mutatingadmissionpolicies/m`);
      await change(server, 'DELETE', `${registration}/mutatingadmissionpolicybindings/m`);
    }
  });

  test('mutate objects in the version that their rules name', async () => {
    await using server = await startTestServer();
    await addMutation(server, 'cpu', {
      matchConstraints: ofVersionOne,
      ...applying('Object{spec: Object.spec{targetCPUUtilizationPercentage: 50}}'),
    });
    const body = { metadata: { name: 'a' }, spec: autoscalerSpec };
    const { json } = await server.expect(201, 'POST', autoscalers, { body });
    assert.equal(json['spec'].metrics[0].resource.target.averageUtilization, 50);
  });
});
