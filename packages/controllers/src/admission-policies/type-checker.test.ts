import { deepEqual, match } from 'node:assert/strict';
import { test } from 'node:test';
import type {
  ExpressionWarning,
  NamedRuleWithOperations,
  ValidatingAdmissionPolicySpec,
} from '@fairway/kinds/admissionregistration/v1';
import type { Schema } from '@fairway/protocol';
import { TypeChecker } from './type-checker.ts';
import { checkedKinds } from './checked-kinds.ts';
import type { SchemaLookup } from './served-schemas.ts';

const served = [
  { group: '', version: 'v1', plural: 'pods', kind: 'Pod' },
  { group: '', version: 'v1', plural: 'configmaps', kind: 'ConfigMap' },
  { group: 'apps', version: 'v1', plural: 'deployments', kind: 'Deployment' },
  { group: 'example.org', version: 'v1', plural: 'things', kind: 'Thing' },
  {
    group: 'apiextensions.k8s.io',
    version: 'v1',
    plural: 'customresourcedefinitions',
    kind: 'CustomResourceDefinition',
  },
];

function rule(group: string, resources: readonly string[]): NamedRuleWithOperations {
  return { apiGroups: [group], apiVersions: ['v1'], operations: ['*'], resources };
}

function kindsOf(...resourceRules: readonly NamedRuleWithOperations[]): readonly string[] {
  const spec = { matchConstraints: { resourceRules } };
  return checkedKinds({ spec }, served).map(({ group, kind }) => `${group}/${kind}`);
}

test('expressions are checked with the kinds that rules name in full', () => {
  deepEqual(kindsOf(rule('apps', ['deployments', 'unknown']), rule('', ['pods', 'configmaps'])), [
    '/ConfigMap',
    '/Pod',
    'apps/Deployment',
  ]);
  deepEqual(kindsOf(rule('*', ['pods']), rule('', ['*', 'pods/status', 'pods/*'])), []);
});

test('of many kinds that a rule names, the first ten are checked', () => {
  const plurals = Array.from({ length: 12 }, (_, at) => `kind${String(at).padStart(2, '0')}s`);
  const many = plurals.map((plural) => ({
    group: 'example.org',
    version: 'v1',
    plural,
    kind: plural.slice(0, -1),
  }));
  const spec = { matchConstraints: { resourceRules: [rule('example.org', plurals)] } };
  deepEqual(
    checkedKinds({ spec }, many).map(({ kind }) => kind),
    many.slice(0, 10).map(({ kind }) => kind),
  );
});

const checker = new TypeChecker();

/** What the API would say of kinds that are not built in. */
let lookup: SchemaLookup = () => undefined;

function warningsOf(
  spec: ValidatingAdmissionPolicySpec,
  ...rules: readonly NamedRuleWithOperations[]
): readonly ExpressionWarning[] {
  const matchConstraints = { resourceRules: rules };
  const policy = { spec: { matchConstraints, ...spec } };
  const check = checker.check(policy, served, lookup);
  for (;;) {
    const step = check.next();
    if (step.done === true) return step.value;
  }
}

test('variables and parameters have types too, as far as anything is known of them', () => {
  const variables = [
    { name: 'replicas', expression: 'object.spec.replicas' },
    { name: 'spec', expression: 'object.spec' },
  ];
  const deployments = rule('apps', ['deployments']);
  const check = (expression: string, paramKind = { apiVersion: 'v1', kind: 'ConfigMap' }) =>
    warningsOf({ variables, paramKind, validations: [{ expression }] }, deployments);
  deepEqual(check('variables.replicas > 1 && variables.spec.anything == 1'), []);
  deepEqual(check("params.data['a'] == 'b' && object.metadata.name == request.name"), []);
  const [replicas] = check("variables.replicas.startsWith('a')");
  match(replicas?.warning ?? '', /^apps\/v1, Kind=Deployment: ERROR: .*no matching overload/);
  const [params] = check('params.absent == 1');
  match(params?.warning ?? '', /undefined field 'absent'/);
});

test('kinds of which nothing is known, and those without an end, are passed over', () => {
  const validations = [{ expression: 'object.absent.more == 1' }];
  deepEqual(warningsOf({ validations }, rule('example.org', ['things'])), []);
  const definitions = rule('apiextensions.k8s.io', ['customresourcedefinitions']);
  deepEqual(warningsOf({ validations }, definitions), []);
});

test('a kind whose schemas refer to each other ever more often is passed over', (t) => {
  t.after(() => (lookup = () => undefined));
  const validations = [{ expression: 'object.absent == 1' }];
  const things = rule('example.org', ['things']);
  let schema: Schema = { type: 'string' };
  lookup = ({ kind }) => (kind === 'Thing' ? schema : undefined);
  const pairs = (depth: number): Schema => {
    let pair: Schema = { type: 'object' };
    for (let level = 0; level < depth; level++) {
      pair = {
        type: 'object',
        properties: new Map([
          ['a', pair],
          ['b', pair],
        ]),
      };
    }
    return pair;
  };
  schema = pairs(5);
  match(warningsOf({ validations }, things)[0]?.warning ?? '', /undefined field 'absent'/);
  schema = pairs(64);
  deepEqual(warningsOf({ validations }, things), []);
});
