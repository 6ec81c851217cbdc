import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Environment } from '../environment.ts';
import {
  type AuthorizationCheck,
  authorizerValue,
  requestResourceValue,
} from '../libraries/kubernetes/authorizer.ts';
import { jsonPatchType, patchedObjectType } from '../libraries/kubernetes/mutations.ts';
import { boolType, intType, listType, stringType } from '../type.ts';
import { ObjectValue } from '../values/object-value.ts';
import { Failure, type Value } from '../values/value.ts';
import { accessReviewEnvironment, claimsEnvironment, userEnvironment } from './access.ts';
import { AdmissionEnvironments, type AdmissionScope, variableType } from './admission.ts';
import { compileAs } from './compile-as.ts';
import { deviceEnvironment, deviceSizeAt } from './devices.ts';

const environments = new AdmissionEnvironments();
const plain: AdmissionScope = {
  hasParams: false,
  hasAuthorizer: false,
  hasPatchTypes: false,
  variables: undefined,
};

function evaluate(environment: Environment, text: string, variables: Record<string, Value> = {}) {
  const compiled = environment.compile(text);
  if (compiled.kind === 'refused') return compiled.problem.split('\n')[0];
  const { result, cost } = compiled.program.evaluate(variables);
  return result instanceof Failure ? result.message : { result, cost };
}

suite('the environments of admission', () => {
  for (const [name, scope] of [
    ['params', { hasParams: true }],
    ['authorizer', { hasAuthorizer: true }],
    ['variables', { variables: new Map() }],
  ] as const) {
    test(`have ${name} where they are told so`, () => {
      assert.equal(environments.of({ ...plain, ...scope }).compile(name).kind, 'compiled');
      assert.equal(environments.of(plain).compile(name).kind, 'refused');
    });
  }

  for (const text of [
    "request.userInfo.username == 'a' && request.operation in ['CREATE']",
    "request.kind.group == '' && request.requestResource.resource == 'pods' && !request.dryRun",
    "namespaceObject.metadata.labels['a'] == 'b' && namespaceObject.metadata.namespace == ''",
    "namespaceObject.status.conditions.all(c, c.lastTransitionTime > timestamp('2020-01-01T00:00:00Z'))",
    'object.any.field == oldObject.another',
  ]) {
    test(`know the types in ${text}`, () => {
      assert.equal(compileAs(environments.of(plain), text, [boolType]).kind, 'compiled');
    });
  }

  test('say what is no field of a request', () => {
    const found = compileAs(environments.of(plain), 'request.uid', []);
    assert.match(found.kind === 'refused' ? found.problem : '', /undefined field 'uid'/);
  });

  test('give variables the types that they came to, as far as others see them', () => {
    const variables = new Map([
      ['n', variableType(intType)],
      ['o', variableType(patchedObjectType)],
      ['l', variableType(listType(patchedObjectType))],
    ]);
    const environment = environments.of({ ...plain, variables });
    assert.equal(compileAs(environment, 'variables.n', [intType]).kind, 'compiled');
    assert.equal(
      compileAs(environment, 'variables.o.x.y == variables.l[0].z', []).kind,
      'compiled',
    );
  });
});

suite('compileAs', () => {
  for (const [text, asked, problem] of [
    ['object', [boolType], 'must evaluate to bool but got dyn'],
    [
      '[timestamp("2020-01-01T00:00:00Z")]',
      [boolType],
      'must evaluate to bool but got list(google.protobuf.Timestamp)',
    ],
    ['1', [stringType, boolType], 'must evaluate to one of [string bool] but got int'],
  ] as const) {
    test(`says what ${text} comes to instead`, () => {
      assert.deepEqual(compileAs(environments.of(plain), text, asked), {
        kind: 'refused',
        problem,
      });
    });
  }
});

suite('the authorizer', () => {
  const environment = environments.of({ ...plain, hasAuthorizer: true });
  const asked: AuthorizationCheck[] = [];
  const decide = (check: AuthorizationCheck) => {
    asked.push(check);
    const isAllowed = check.verb === 'get';
    return { isAllowed, reason: 'a rule', error: isAllowed ? '' : 'no answer' };
  };
  const variables = {
    authorizer: authorizerValue(decide),
    'authorizer.requestResource': requestResourceValue(decide, { resource: 'pods', name: 'a' }),
  };

  test('is asked what an expression put together', () => {
    const text =
      "authorizer.serviceAccount('ns', 'sa').group('apps').resource('deployments').subresource('scale')" +
      ".namespace('a').name('b').fieldSelector('x=y').labelSelector('l').check('get').allowed()";
    // Ten calls, the variable and the check: and two selectors, of three characters and of one.
    assert.deepEqual(evaluate(environment, text, variables), {
      result: true,
      cost: 350_000 + 1 + 7 + (10 + 1 + 100) + (10 + 1 + 50),
    });
    assert.deepEqual(asked.pop(), {
      serviceAccount: { namespace: 'ns', name: 'sa' },
      verb: 'get',
      path: '',
      group: 'apps',
      resource: 'deployments',
      subresource: 'scale',
      namespace: 'a',
      name: 'b',
      fieldSelector: 'x=y',
      labelSelector: 'l',
    });
  });

  for (const [text, expected] of [
    ["authorizer.path('/healthz').check('get').reason()", 'a rule'],
    ["authorizer.requestResource.check('delete').errored()", true],
    ["authorizer.requestResource.check('delete').error()", 'no answer'],
  ] as const) {
    test(`answers ${text}`, () => {
      const found = evaluate(environment, text, variables);
      assert.equal(typeof found === 'object' ? found.result : found, expected);
    });
  }

  for (const [text, problem] of [
    ["authorizer.path(' ')", 'path must not be empty'],
    ["authorizer.group('').resource('')", 'resource must not be empty'],
    ["authorizer.serviceAccount('a.b', 'c')", 'Invalid service account namespace'],
    ["authorizer.serviceAccount('a', 'C')", 'Invalid service account name'],
  ] as const) {
    test(`refuses ${text}`, () => assert.equal(evaluate(environment, text, variables), problem));
  }

  test('may be asked twice, not three times', () => {
    const ask = "authorizer.path('/a').check('get').allowed()";
    const compiled = environment.compile(Array.from({ length: 3 }, () => ask).join(' && '));
    assert.ok(compiled.kind === 'compiled');
    assert.throws(() => compiled.program.evaluate(variables), /cost limit exceeded/);
    const { min, max } = compiled.program.estimate(() => undefined);
    assert.ok(min >= 350_000 && max >= 1_050_000);
  });

  test('fails as whoever decides fails', () => {
    const failing = { authorizer: authorizerValue(() => new Failure('not yet known')) };
    const text = "authorizer.path('/a').check('get').allowed()";
    assert.equal(evaluate(environment, text, failing), 'not yet known');
  });
});

suite('objects that expressions make', () => {
  const environment = environments.of({ ...plain, hasPatchTypes: true });

  test('have the fields that they were given', () => {
    const text = "Object{spec: Object.spec{replicas: 1, ?paused: optional.none()}, kind: 'x'}";
    const found = evaluate(environment, text);
    assert.ok(typeof found === 'object' && found.result instanceof ObjectValue);
    assert.equal(found.result.typeName, 'Object');
    const spec = found.result.fields.get('spec');
    assert.ok(spec instanceof ObjectValue && spec.typeName === 'Object.spec');
    assert.deepEqual([...spec.fields], [['replicas', 1]]);
    assert.equal(found.cost, 81);
  });

  for (const [text, expected] of [
    ['Object{a: 1} == Object{a: 1}', true],
    ['Object{a: 1} == Object{a: 2}', false],
    ['dyn(Object{a: 1}) == Object.b{a: 1}', false],
    ["JSONPatch{op: 'add', path: '/a', value: 1}.value == 1", true],
    ["has(JSONPatch{op: 'add'}.path)", false],
    ["'/labels/' + jsonpatch.escapeKey('k8s.io/my~label')", '/labels/k8s.io~1my~0label'],
  ] as const) {
    test(text, () => {
      const found = evaluate(environment, text);
      assert.equal(typeof found === 'object' ? found.result : found, expected);
    });
  }

  for (const [text, problem] of [
    ['Other{a: 1}', "ERROR: <input>:1:6: undeclared reference to 'Other' (in container '')"],
    ["JSONPatch{operation: 'add'}", "ERROR: <input>:1:20: undefined field 'operation'"],
    [
      'JSONPatch{op: 1}',
      "ERROR: <input>:1:13: expected type of field 'op' is 'string' but provided type is 'int'",
    ],
    [
      'Object{a: 1,',
      "ERROR: <input>:1:13: Syntax error: mismatched input '<EOF>' expecting {IDENTIFIER, ESC_IDENTIFIER}",
    ],
  ] as const) {
    test(`refuses ${text}`, () => assert.equal(evaluate(environment, text), problem));
  }

  test('are known only where patches are made', () => {
    assert.equal(environments.of(plain).compile('Object{}').kind, 'refused');
    const patches = compileAs(environment, "[JSONPatch{op: 'test'}]", [listType(jsonPatchType)]);
    assert.equal(patches.kind, 'compiled');
  });
});

suite('selectors of devices', () => {
  const environment = deviceEnvironment();

  for (const text of [
    "device.driver == 'dra.example.com' && !device.allowMultipleAllocations",
    "device.capacity['dra.example.com'].memory.isGreaterThan(quantity('10Gi'))",
    "cel.bind(dra, device.attributes['dra.example.com'], dra.model == 'a' && dra.version.isLessThan(semver('2.0.0')))",
  ]) {
    test(`may say ${text}`, () => {
      const compiled = compileAs(environment, text, [boolType]);
      assert.equal(compiled.kind, 'compiled', JSON.stringify(compiled));
      assert.ok(compiled.kind === 'compiled' && compiled.program.estimate(deviceSizeAt).max < 200);
    });
  }

  test('are bounded by how many attributes a device may have', () => {
    const text =
      'device.attributes.all(d, device.attributes[d].all(a, device.attributes.all(e, true)))';
    const compiled = environment.compile(text);
    assert.ok(compiled.kind === 'compiled');
    const { max } = compiled.program.estimate(deviceSizeAt);
    assert.ok(max > 32 ** 3 && max < 1_000_000, `${max}`);
  });
});

test('claims are unknown, users and questions of access have types', () => {
  assert.equal(claimsEnvironment().compile("claims.groups.split(',')").kind, 'compiled');
  assert.equal(
    compileAs(userEnvironment(), "user.extra['a'].size() < 2", [boolType]).kind,
    'compiled',
  );
  assert.equal(userEnvironment().compile('user.name').kind, 'refused');
  const access = accessReviewEnvironment();
  const text =
    "has(request.resourceAttributes) && request.resourceAttributes.fieldSelector.requirements[0].key == 'a'";
  assert.equal(compileAs(access, text, [boolType]).kind, 'compiled');
  assert.equal(access.compile('request.resourceAttributes.kind').kind, 'refused');
});
