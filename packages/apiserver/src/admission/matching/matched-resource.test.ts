import assert from 'node:assert/strict';
import { test } from 'node:test';
import { builtInResources } from '../../registry/built-in-resources.ts';
import { ResourceRegistry } from '../../registry/resource-registry.ts';
import type { Rule, RuledRequest } from './match-rule.ts';
import { isExemptFromWebhooks } from './exempt-configurations.ts';
import { inVersionOf } from './in-version-of.ts';
import { matchedResource } from './request-matcher.ts';

const registry = new ResourceRegistry(
  builtInResources({ lookup: () => ({ type: 'object' }), definition: () => undefined }),
);

/** `CREATE apps/v1 deployments/scale ns/name` */
function asked(text: string): RuledRequest {
  const [operation = '', apiVersion = '', path = '', where = ''] = text.split(' ');
  const [group = '', version = ''] = apiVersion.includes('/')
    ? apiVersion.split('/')
    : ['', apiVersion];
  const [plural = '', subresource = ''] = path.split('/');
  const [namespace = '', name = ''] = where.split('/');
  const resource = registry.find(group, version, plural);
  assert.ok(resource, text);
  return {
    operation: operation as RuledRequest['operation'],
    resource,
    subresource,
    namespace,
    name,
  };
}

const everything: Rule = {
  operations: ['*'],
  apiGroups: ['*'],
  apiVersions: ['*'],
  resources: ['*/*'],
};

function isMeant(rule: Rule, request: string): boolean {
  const criteria = { rules: [{ ...everything, ...rule }], matchPolicy: 'Exact' } as const;
  return matchedResource(criteria, asked(request), registry) !== undefined;
}

test('rules mean resources and subresources by names and by stars', () => {
  const table: readonly (readonly [string[], string, boolean])[] = [
    [['pods'], 'CREATE v1 pods a/b', true],
    [['pods'], 'UPDATE v1 pods/status a/b', false],
    [['pods/*'], 'UPDATE v1 pods/status a/b', true],
    [['pods/*'], 'UPDATE v1 pods a/b', true],
    [['pods/status'], 'UPDATE v1 pods/status a/b', true],
    [['pods/status'], 'CONNECT v1 pods/exec a/b', false],
    [['*'], 'CREATE v1 configmaps a/b', true],
    [['*'], 'UPDATE v1 pods/status a/b', false],
    [['*/*'], 'UPDATE v1 pods/status a/b', true],
    [['*/*'], 'UPDATE v1 pods a/b', true],
    [['*/scale'], 'UPDATE apps/v1 deployments/scale a/b', true],
    [['*/scale'], 'UPDATE apps/v1 deployments/status a/b', false],
    [[], 'CREATE v1 pods a/b', false],
  ];
  for (const [resources, request, expected] of table) {
    assert.equal(isMeant({ resources }, request), expected, `${resources}: ${request}`);
  }
});

test('rules mean operations, groups, versions, scopes and names', () => {
  const pod = 'CREATE v1 pods a/b';
  const namespace = 'UPDATE v1 namespaces a/a';
  const table: readonly (readonly [Rule, string, boolean])[] = [
    [{ operations: ['CREATE'] }, pod, true],
    [{ operations: ['UPDATE', 'DELETE', 'CONNECT'] }, pod, false],
    [{ apiGroups: [''] }, pod, true],
    [{ apiGroups: ['apps'] }, pod, false],
    [{ apiVersions: ['v1'] }, pod, true],
    [{ apiVersions: ['v1beta1'] }, pod, false],
    [{ scope: 'Namespaced' }, pod, true],
    [{ scope: 'Cluster' }, pod, false],
    [{ scope: '*' }, pod, true],
    [{ scope: 'Cluster' }, namespace, true],
    [{ scope: 'Namespaced' }, namespace, false],
    [{ scope: 'Cluster' }, 'CREATE v1 nodes /n', true],
    [{ scope: 'Namespaced' }, 'CREATE v1 nodes /n', false],
    [{ resourceNames: [] }, pod, true],
    [{ resourceNames: ['b', 'c'] }, pod, true],
    [{ resourceNames: ['c'] }, pod, false],
  ];
  for (const [rule, request, expected] of table) {
    const found = isMeant({ resources: ['*'], ...rule }, request);
    assert.equal(found, expected, `${JSON.stringify(rule)}: ${request}`);
  }
});

test('Equivalent means the same objects in other versions and groups, Exact does not', () => {
  const rule = (apiGroup: string, apiVersion: string, resource: string): Rule => ({
    ...everything,
    apiGroups: [apiGroup],
    apiVersions: [apiVersion],
    resources: [resource],
  });
  const autoscalers = [rule('autoscaling', 'v1', 'horizontalpodautoscalers')];
  const events = [rule('', 'v1', 'events')];
  const found = (
    rules: readonly Rule[],
    matchPolicy: 'Exact' | 'Equivalent',
    request: string,
  ): string | undefined => {
    const resource = matchedResource({ rules, matchPolicy }, asked(request), registry);
    return resource && `${resource.group}/${resource.version}`;
  };
  const newer = 'CREATE autoscaling/v2 horizontalpodautoscalers a/b';
  assert.equal(found(autoscalers, 'Equivalent', newer), 'autoscaling/v1');
  assert.equal(found(autoscalers, 'Exact', newer), undefined);
  assert.equal(found(events, 'Equivalent', 'CREATE events.k8s.io/v1 events a/b'), '/v1');
  assert.equal(found(events, 'Exact', 'CREATE events.k8s.io/v1 events a/b'), undefined);
  // The request's own version goes first, whichever rule names it.
  const both = [...autoscalers, rule('autoscaling', 'v2', 'horizontalpodautoscalers')];
  assert.equal(found(both, 'Equivalent', newer), 'autoscaling/v2');
  // Only where the other version has the subresource.
  const scale = rule('autoscaling', 'v1', 'horizontalpodautoscalers/status');
  const status = 'UPDATE autoscaling/v2 horizontalpodautoscalers/status a/b';
  assert.equal(found([scale], 'Equivalent', status), 'autoscaling/v1');
});

test('what is excluded is not meant, and what has no rules is', () => {
  const request = asked('CREATE v1 pods a/b');
  const excludeRules: readonly Rule[] = [{ ...everything, resources: ['pods'] }];
  const matchPolicy = 'Equivalent';
  assert.equal(matchedResource({ matchPolicy }, request, registry), request.resource);
  assert.equal(matchedResource({ matchPolicy, rules: [] }, request, registry), undefined);
  assert.equal(matchedResource({ matchPolicy, excludeRules }, request, registry), undefined);
  const other = asked('CREATE v1 secrets a/b');
  assert.equal(matchedResource({ matchPolicy, excludeRules }, other, registry), other.resource);
});

test('configurations of admission itself are exempt', () => {
  const group = 'admissionregistration.k8s.io';
  const exempt = registry.all.filter((each) => isExemptFromWebhooks(each));
  assert.deepEqual(
    exempt.map((each) => each.plural).toSorted(),
    registry.all
      .filter((each) => each.group === group)
      .map((each) => each.plural)
      .toSorted(),
  );
  assert.equal(exempt.length, 6);
});

test('inVersionOf() shows an object as the matched version has it, and leaves it alone', async () => {
  const [from, to] = ['v2', 'v1'].map((version) =>
    registry.find('autoscaling', version, 'horizontalpodautoscalers'),
  );
  assert.ok(from && to);
  const target = { type: 'Utilization', averageUtilization: 70 };
  const object = {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'a', namespace: 'b' },
    spec: {
      maxReplicas: 3,
      scaleTargetRef: { kind: 'Deployment', name: 'web' },
      metrics: [{ type: 'Resource', resource: { name: 'cpu', target } }],
    },
  };
  const before = structuredClone(object);
  const shown = await inVersionOf(object, { from, to });
  assert.equal(shown.apiVersion, 'autoscaling/v1');
  const { spec } = shown as { readonly spec?: { targetCPUUtilizationPercentage?: number } };
  assert.equal(spec?.targetCPUUtilizationPercentage, 70);
  assert.deepEqual(object, before);
  assert.deepEqual((await inVersionOf(shown, { from: to, to: from })).apiVersion, 'autoscaling/v2');
  const scale = { apiVersion: 'autoscaling/v1', kind: 'Scale' };
  assert.equal(await inVersionOf(scale, { from, to }), scale);
});
