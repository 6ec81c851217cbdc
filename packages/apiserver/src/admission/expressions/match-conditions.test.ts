import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import type { AccessAttributes, Authorizer } from '@fairway/access';
import { AdmissionEnvironments } from '@fairway/cel';
import type { ServedResource } from '../../registry/served-resource.ts';
import type { AdmissionRequest } from '../admission-plugin.ts';
import { AuthorizerChecks } from './authorizer-checks.ts';
import { MatchConditions } from './match-conditions.ts';
import { requestVariable } from './request-variable.ts';

const scale = { name: 'scale', verbs: [], group: 'autoscaling', version: 'v1', kind: 'Scale' };
const deployments = {
  group: 'apps',
  version: 'v1',
  plural: 'deployments',
  kind: 'Deployment',
  subresources: new Map([['scale', scale]]),
} as unknown as ServedResource;

const admissionRequest: AdmissionRequest = {
  operation: 'CREATE',
  resource: deployments,
  subresource: '',
  namespace: 'a',
  name: 'd',
  user: { username: 'ann', groups: ['g'] },
  options: { fieldManager: 'm' },
  warn: () => undefined,
  annotate: () => undefined,
  annotateOfBody: () => undefined,
  signal: new AbortController().signal,
};

const environments = new AdmissionEnvironments();

function match(
  expressions: readonly string[],
  {
    request = admissionRequest,
    authorizer = () => ({ kind: 'noOpinion', reason: '' }),
  }: { readonly request?: AdmissionRequest; readonly authorizer?: Authorizer } = {},
) {
  const conditions = new MatchConditions(
    expressions.map((expression) => ({ expression })),
    environments,
  );
  return conditions.match({
    object: { metadata: { name: 'd' } },
    request: requestVariable(request, request.resource),
    checks: new AuthorizerChecks(authorizer, request),
  });
}

test('conditions match when all hold, and one that does not decides also beside errors', async () => {
  deepEqual(await match([]), { kind: 'matched' });
  deepEqual(await match(['true', "object.metadata.name == 'd' && oldObject == null"]), {
    kind: 'matched',
  });
  deepEqual(await match(['object.absent', 'false']), { kind: 'unmatched' });
});

test('conditions without a value fail, each told once, in the words of Kubernetes', async () => {
  const one = "expression 'object.a == 1' resulted in error: no such key: a";
  deepEqual(await match(['object.a == 1', 'true']), { kind: 'failed', why: one });
  const other = "expression 'object.b == 1' resulted in error: no such key: b";
  deepEqual(await match(['object.a == 1', 'object.b == 1', 'object.a == 1']), {
    kind: 'failed',
    why: `[${one}, ${other}]`,
  });
  const malformed = await match(['object.']);
  equal(malformed.kind, 'failed');
});

test('conditions that would run for ever end at their budget', async () => {
  const numbers = `[${Array.from({ length: 60 }, (_, at) => at).join(', ')}]`;
  const long = `${numbers}.all(a, ${numbers}.all(b, ${numbers}.all(c, a + b + c >= 0)))`;
  deepEqual(await match([long]), {
    kind: 'failed',
    why: `expression '${long}' resulted in error: operation cancelled: actual cost limit exceeded`,
  });
  deepEqual(await match([long, long, long, 'false']), {
    kind: 'failed',
    why: 'validation failed due to running out of cost budget, no further validation rules will be run',
  });
});

test('request has what a webhook would be sent, and nothing where there is nothing', async () => {
  const facts = [
    "request.kind.kind == 'Deployment' && request.requestKind.group == 'apps'",
    "request.resource.resource == 'deployments' && request.operation == 'CREATE'",
    '!has(request.subResource) && !request.dryRun && !has(request.userInfo.uid)',
    "request.options.kind == 'CreateOptions' && request.options.fieldManager == 'm'",
    "request.userInfo.groups == ['g'] && request.name == 'd' && request.namespace == 'a'",
  ];
  deepEqual(await match(facts), { kind: 'matched' });
  const ofScale = { ...admissionRequest, subresource: 'scale', options: { dryRun: ['All'] } };
  const scaleFacts = ["request.kind.kind == 'Scale' && request.subResource == 'scale'"];
  deepEqual(await match([...scaleFacts, 'request.dryRun'], { request: ofScale }), {
    kind: 'matched',
  });
});

test('the authorizer is asked each question once, however late it answers', async () => {
  const asked: AccessAttributes[] = [];
  const authorizer: Authorizer = async (attributes) => {
    asked.push(attributes);
    return { kind: 'allow', reason: 'because' };
  };
  const check = "authorizer.group('apps').resource('deployments').namespace('a').check('get')";
  const conditions = [
    `${check}.allowed() && ${check}.reason() == 'because'`,
    "authorizer.requestResource.check('scale').allowed()",
    "authorizer.serviceAccount('n', 's').path('/healthz').check('get').allowed()",
  ];
  deepEqual(await match(conditions, { authorizer }), { kind: 'matched' });
  equal(asked.length, 3);
  const [first, second, third] = asked;
  equal(first?.target.isResource && first.target.version, '*');
  deepEqual(second?.target.isResource && [second.target.plural, second.target.name], [
    'deployments',
    'd',
  ]);
  equal(third?.user.username, 'system:serviceaccount:n:s');
  deepEqual(third?.target, { isResource: false, verb: 'get', path: '/healthz' });
});
