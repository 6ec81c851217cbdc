import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiError } from '@fairway/protocol';
import * as fc from 'fast-check';
import { type ResourceNames, parseAccessRule } from './access-rule.ts';
import { type Fence, type FenceRules, makeFence } from './fences.ts';

const names: ResourceNames = {
  pluralOf: (name) => ({ secret: 'secrets', deploy: 'deployments', pods: 'pods' })[name],
  hasSubresource: (plural, subresource) => plural === 'pods' && subresource === 'exec',
};

const open: FenceRules = { isReadOnly: false, namespaces: [], allow: [], deny: [] };
const rules = (...texts: readonly string[]) => texts.map((each) => parseAccessRule(each, names));
const fence = (change: Partial<FenceRules>): Fence => {
  const made = makeFence({ ...open, ...change });
  assert.ok(made !== undefined);
  return made;
};

/** Undefined when it passes: `GET /api/v1/pods`, or with `UPGRADE` before it. */
function refusal(
  judge: Fence,
  line: string,
  headers: Readonly<Record<string, string>> = {},
): ApiError | undefined {
  const isUpgrade = line.startsWith('UPGRADE ');
  const [method = '', url = ''] = line.replace(/^UPGRADE /, '').split(' ');
  const at = url.indexOf('?');
  const [path, query] = at === -1 ? [url, ''] : [url.slice(0, at), url.slice(at + 1)];
  try {
    judge({ method, path, query, headers }, { isUpgrade });
    return undefined;
  } catch (error) {
    assert.ok(error instanceof ApiError);
    return error;
  }
}

function expectPassing(judge: Fence, ...lines: readonly string[]): void {
  for (const line of lines) assert.equal(refusal(judge, line), undefined, line);
}

function expectRefused(judge: Fence, ...lines: readonly string[]): void {
  for (const line of lines) assert.equal(refusal(judge, line)?.code, 403, line);
}

const shop = '/api/v1/namespaces/shop';
const pod = `${shop}/pods/web`;

test('without rules there is no fence', () => {
  assert.equal(makeFence(open), undefined);
});

test('--read-only lets through what reads, and what asks by a body', () => {
  expectPassing(
    fence({ isReadOnly: true }),
    `GET ${pod}`,
    `HEAD ${pod}`,
    'GET /api/v1/pods?watch=1',
    'UPGRADE GET /api/v1/pods?watch=1',
    `GET ${pod}/log?follow=1`,
    `UPGRADE GET ${pod}/log?follow=1`,
    `GET ${shop}/services/web/proxy/a//b`,
    'GET /version',
    'GET /metrics',
    'POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
    `POST /apis/authorization.k8s.io/v1/namespaces/shop/localsubjectaccessreviews`,
    'POST /apis/authentication.k8s.io/v1/selfsubjectreviews',
  );
});

test('--read-only refuses all that may change something, also what comes by GET', () => {
  expectRefused(
    fence({ isReadOnly: true }),
    `POST ${shop}/pods`,
    `POST ${shop}/pods?dryRun=All`,
    `PUT ${pod}`,
    `PATCH ${pod}`,
    `DELETE ${pod}`,
    `DELETE ${shop}/pods`,
    `GET ${pod}/exec?command=sh`,
    `UPGRADE GET ${pod}/exec?command=sh`,
    `POST ${pod}/exec`,
    `UPGRADE GET ${pod}/attach`,
    `UPGRADE GET ${pod}/portforward`,
    `UPGRADE GET ${pod}/proxy/socket`,
    `UPGRADE GET ${shop}/services/web/proxy/socket`,
    `POST ${shop}/services/web/proxy/a`,
    `DELETE ${shop}/services/web/proxy/a`,
    'POST /api/v1/nodes/n/proxy/run/shop/web/c',
    'UPGRADE GET /api/v1/nodes/n/proxy/exec/shop/web/c',
    'UPGRADE GET /apis/subresources.kubevirt.io/v1/namespaces/shop/virtualmachineinstances/a/console',
    'UPGRADE GET /other',
    'POST /other',
    `PATCH ${pod}/ephemeralcontainers`,
    `POST ${pod}/eviction`,
    `POST ${pod}/binding`,
    `POST ${shop}/serviceaccounts/a/token`,
    'PUT /apis/apps/v1/namespaces/shop/deployments/web/scale',
    'POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews/a/b',
    'POST /apis/certificates.k8s.io/v1/certificatesigningrequests',
    'GET /api/v1/proxy/namespaces/shop/pods/web',
    `OPTIONS ${pod}`,
  );
});

test('--namespace-fence keeps requests in namespaces, and lets them be read', () => {
  const judge = fence({ namespaces: ['shop', 'till'] });
  expectPassing(
    judge,
    `GET ${shop}/pods`,
    `DELETE ${pod}`,
    'GET /apis/apps/v1/namespaces/till/deployments',
    `GET ${shop}`,
    'GET /api/v1/namespaces?watch=1&fieldSelector=metadata.name%3Dshop',
    'GET /api',
    'GET /apis/apps/v1',
    'GET /openapi/v3',
    'GET /version',
    'POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
  );
  expectRefused(
    judge,
    'GET /api/v1/pods',
    'GET /api/v1/watch/pods',
    'GET /api/v1/namespaces/other/pods',
    'GET /api/v1/namespaces/shopping/pods',
    'GET /api/v1/namespaces',
    'GET /api/v1/namespaces/other',
    `DELETE ${shop}`,
    `PATCH ${shop}`,
    `PUT ${shop}/status`,
    `PUT ${shop}/finalize`,
    'GET /api/v1/nodes',
    'GET /api/v1/nodes/shop',
    'GET /metrics',
    'GET /logs/',
    'POST /apis/authorization.k8s.io/v1/subjectaccessreviews',
  );
});

test('--deny refuses what it names, what is below that, and many of which it may be one', () => {
  const judge = fence({
    deny: rules('* secrets/db', 'delete pods', 'create pods/*/exec', 'get /logs/*'),
  });
  expectRefused(
    judge,
    `GET ${shop}/secrets/db`,
    `GET ${shop}/secrets`,
    'GET /api/v1/secrets?watch=1',
    `GET ${shop}/secrets?fieldSelector=metadata.name%3Ddb`,
    `DELETE ${shop}/secrets`,
    `DELETE ${pod}`,
    `DELETE ${shop}/pods`,
    `POST ${pod}/eviction`,
    `UPGRADE GET ${pod}/exec`,
    `POST ${pod}/exec`,
    `PATCH ${pod}/ephemeralcontainers`,
    'POST /api/v1/nodes/n/proxy/run/a/b/c',
    'GET /logs/kubelet.log',
  );
  expectPassing(
    judge,
    `GET ${shop}/secrets/key`,
    `GET ${shop}/secrets?fieldSelector=metadata.name%3Dkey`,
    `POST ${shop}/secrets`,
    `GET ${pod}`,
    'GET /logs',
  );
});

test('--deny of the deletion of one object is about the deletion of many', () => {
  const web = '/apis/apps/v1/namespaces/shop/deployments';
  const judge = fence({ deny: rules('delete pods/db', 'delete deployments/db') });
  expectRefused(
    judge,
    `DELETE ${shop}/pods`,
    'DELETE /api/v1/pods?labelSelector=a',
    `DELETE ${web}`,
  );
  expectPassing(judge, `DELETE ${pod}`, `DELETE ${shop}/configmaps`, `GET ${shop}/pods`);
  expectPassing(fence({ deny: rules('deletecollection pods') }), `DELETE ${pod}`);
});

test('a rule about an object is about it by every spelling that its proxy has', () => {
  const deny = fence({ deny: rules('* services/admin', 'get pods/db/proxy', '* nodes/n') });
  for (const spelled of ['admin', 'admin:80', 'https:admin:443', 'http:admin:', ':admin:web']) {
    expectRefused(deny, `GET ${shop}/services/${spelled}/proxy/`);
    const encoded = encodeURIComponent(spelled);
    expectRefused(deny, `UPGRADE GET ${shop}/services/${encoded}/proxy/a`);
  }
  expectRefused(deny, `GET ${shop}/pods/db:5432/proxy`, 'GET /api/v1/nodes/https:n:10250/proxy/');
  expectPassing(
    deny,
    `GET ${shop}/services/https:web:443/proxy/admin`,
    `GET ${shop}/services/admin2:80/proxy/`,
    `POST ${shop}/pods/db:5432/proxy`,
  );
  const oneGate = fence({ deny: rules('* services/admin:80', '* clusterroles/system:node') });
  expectRefused(oneGate, `GET ${shop}/services/http:admin:web/proxy/`);
  expectPassing(oneGate, 'GET /apis/rbac.authorization.k8s.io/v1/clusterroles/system');
  const allow = fence({
    allow: rules(
      'get services/h*/proxy',
      'get services/web/proxy',
      'get services/https:till:/proxy',
      'get services/open:*/proxy',
    ),
  });
  expectPassing(
    allow,
    `GET ${shop}/services/hello:80/proxy/`,
    `GET ${shop}/services/web/proxy/`,
    `GET ${shop}/services/https:till:/proxy/`,
    `GET ${shop}/services/open:9090/proxy/`,
  );
  expectRefused(
    allow,
    `GET ${shop}/services/http:admin:80/proxy/`,
    `GET ${shop}/services/web:9090/proxy/`,
    `GET ${shop}/services/till/proxy/`,
  );
});

test('--deny sees what subresources do', () => {
  const denied = (rule: string): Fence => fence({ deny: rules(rule) });
  const scale = 'PUT /apis/apps/v1/namespaces/shop/deployments/web/scale';
  expectRefused(denied('update deployments'), scale);
  expectPassing(denied('update deployments'), scale.replace('PUT', 'GET'));
  expectRefused(denied('update pods'), `POST ${pod}/binding`, `POST ${shop}/bindings`);
  expectRefused(denied('impersonate serviceaccounts/a'), `POST ${shop}/serviceaccounts/a/token`);
  expectPassing(denied('impersonate serviceaccounts/a'), `POST ${shop}/serviceaccounts/b/token`);
  expectRefused(denied('list pods'), 'GET /api/v1/nodes/n/proxy/pods');
  expectRefused(denied('get pods/*/log'), `GET ${pod}/log`);
  expectPassing(denied('get pods/*/log'), `GET ${pod}`);
  expectRefused(denied('delete pods/web'), `POST ${pod}/eviction`);
  expectPassing(denied('delete pods/other'), `POST ${pod}/eviction`);
});

test('a rule is about every group, one, or the core group', () => {
  const events = ['GET /api/v1/events', 'GET /apis/events.k8s.io/v1/events'] as const;
  expectRefused(fence({ deny: rules('list events') }), ...events);
  expectPassing(fence({ deny: rules('list events.') }), events[1]);
  expectRefused(fence({ deny: rules('list events.') }), events[0]);
  expectPassing(fence({ deny: rules('list events.events.k8s.io') }), events[0]);
  expectRefused(fence({ deny: rules('list *.events.k8s.io') }), events[1]);
});

test('--allow lets through what it names, and what everyone may do; --deny comes first', () => {
  const judge = fence({
    allow: rules('get,list pods', 'get pods/*/log', '* deploy.apps/web-*', 'get /metrics'),
    deny: rules('get pods/db'),
  });
  expectPassing(
    judge,
    `GET ${pod}`,
    'GET /api/v1/pods',
    `GET ${pod}/log`,
    'PATCH /apis/apps/v1/namespaces/shop/deployments/web-1',
    'GET /metrics',
    'GET /api/v1',
    'POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
  );
  expectRefused(
    judge,
    `GET ${shop}/pods/db`,
    'GET /api/v1/pods?watch=1',
    `DELETE ${pod}`,
    `GET ${pod}/status`,
    'PATCH /apis/apps/v1/namespaces/shop/deployments/web-1/scale',
    'PATCH /apis/apps/v1/namespaces/shop/deployments/other',
    'POST /apis/apps/v1/namespaces/shop/deployments',
    `GET ${shop}/secrets/a`,
    'GET /metrics/cadvisor',
  );
  expectRefused(fence({ allow: rules('get pods/*/exec') }), `UPGRADE GET ${pod}/exec`);
  expectPassing(fence({ allow: rules('get,create pods/*/exec') }), `UPGRADE GET ${pod}/exec`);
});

test('a refusal says what is refused, by which flag, and why', () => {
  const message = (change: Partial<FenceRules>, line: string): string | undefined =>
    refusal(fence(change), line)?.message;
  assert.equal(
    message({ isReadOnly: true }, `DELETE ${pod}`),
    'pods "web" is forbidden: --read-only of this proxy refuses to delete pods "web" in the namespace "shop": it may change something',
  );
  assert.equal(
    message({ deny: rules('delete pods') }, `POST ${pod}/eviction`),
    `pods "web" is forbidden: --deny 'delete pods' of this proxy refuses to delete pods "web" in the namespace "shop": it is denied`,
  );
  assert.equal(
    message({ namespaces: ['shop'] }, 'GET /api/v1/secrets'),
    'secrets is forbidden: --namespace-fence shop of this proxy refuses to list secrets: it is in no namespace, or in all of them',
  );
  assert.equal(
    message({ allow: rules('get pods') }, 'GET /metrics'),
    'forbidden: --allow of this proxy refuses to get "/metrics": none of its rules names it',
  );
});

const hidden = [
  '//api/v1/namespaces/shop/secrets',
  '/api//v1/namespaces/shop/secrets',
  '/api/v1/namespaces/shop//secrets',
  '/api/v1/namespaces/shop/secrets//',
  '/x/../api/v1/namespaces/shop/secrets',
  '/x/%2e%2e/api/v1/namespaces/shop/secrets',
  '/x/.%2E/api/v1/namespaces/shop/secrets',
  '/./api/v1/namespaces/shop/secrets',
  '/api%2fv1/namespaces/shop/secrets',
  '/api/v1%2Fnamespaces%2Fshop%2Fsecrets',
  '/api/v1/namespaces/shop/pods%2f..%2fsecrets',
  '/api/v1/namespaces/shop/pods/%252e%252e/secrets',
  '/api/v1/namespaces/shop/configmaps;/../secrets',
  '/api/v1/namespaces/shop/secrets;a=b',
  '/api/v1/namespaces/shop/secrets%3b',
  '/api/v1/namespaces/shop/secrets%00',
  '/api/v1/namespaces/shop/secrets%20',
  '/api/v1/namespaces/shop/secrets%0a',
  '/api/v1/namespaces/shop/secrets#',
  '/api/v1/namespaces/shop/secrets%23',
  '/api/v1/namespaces/shop/secrets%3f',
  String.raw`/api\v1\namespaces\shop\secrets`,
  '/api%5cv1/namespaces/shop/secrets',
  '/API/v1/namespaces/shop/secrets',
  '/Apis/apps/v1/deployments',
  '/%41PI/v1/namespaces/shop/secrets',
  '/%61pi/v1/namespaces/shop/secrets',
  '/ap%69s/apps/v1/deployments',
  '/api/V1/namespaces/shop/secrets',
  '/api/v1/Namespaces/shop/secrets',
  '/api/v1/namespaces/shop/Secrets',
  '/api/v1/namespaces/shop/secret%C5%BF',
  '/api/v1/namespaces/shop/services/web/proxy/../../../secrets',
  '/api/v1/namespaces/shop/services/web/proxy/%2e%2e/%2e%2e/%2e%2e/secrets',
  '/api/v1/namespaces/shop/services/web/proxy/..%2f..%2f..%2fsecrets',
  '/api/v1/namespaces/shop/services/web/proxy/%252e%252e/secrets',
  String.raw`/api/v1/namespaces/shop/services/web/proxy/..\..\..\secrets`,
  '/api/v1/namespaces/shop/secrets/%zz',
  '/api/v1/namespaces/shop/secrets/%ff',
  '/api/v1/watch',
];

test('what can be read in two ways does not pass a fence that has nothing against either', () => {
  const judge = fence({ deny: rules('get nothing') });
  for (const path of hidden) assert.equal(refusal(judge, `GET ${path}`)?.code, 400, path);
  for (const query of [
    'watch=0&watch=1',
    'watch=0;watch=1',
    'a=%zz&watch=1',
    'fieldSelector=metadata.name%3Da&fieldSelector=metadata.name%3Db',
  ]) {
    assert.equal(refusal(judge, `GET /api/v1/secrets?${query}`)?.code, 400, query);
  }
  for (const name of [
    'x-http-method-override',
    'x-http-method',
    'x-method-override',
    'x-original-url',
    'x-rewrite-url',
  ]) {
    assert.equal(refusal(judge, `GET ${pod}`, { [name]: 'DELETE' })?.code, 400, name);
  }
  expectPassing(
    judge,
    'GET /api/v1/namespaces/shop/pods/',
    'GET /api/v1/namespaces/shop/pods/%77eb',
    'GET /apis/rbac.authorization.k8s.io/v1/clusterroles/system:node',
    'GET /apis/rbac.authorization.k8s.io/v1/clusterroles/system%3Anode',
    'GET /api/v1/namespaces/shop/services/https:web:443/proxy/a%2Fb//c;d=1?e;f',
    'GET /api/v1/namespaces/shop/services/web/proxy/100%25',
    'GET /openid/v1/jwks',
    'GET /.well-known/openid-configuration',
  );
});

test('what a query spells otherwise is judged for what it is', () => {
  const judge = fence({ deny: rules('watch pods') });
  for (const query of [
    'w%61tch=1',
    'watch',
    'watch=',
    'watch=TRUE',
    'watch=%31',
    'limit=1&watch=yes',
  ]) {
    expectRefused(judge, `GET /api/v1/pods?${query}`);
  }
  expectRefused(judge, 'GET /api/v1/watch/pods');
  expectPassing(judge, 'GET /api/v1/pods?watch=0', 'GET /api/v1/pods?Watch=1');
});

test('however a path is written, a fence refuses it or judges it as a plain one', () => {
  const judge = fence({ deny: rules('* secrets') });
  const odd = fc.constantFrom('//', '/./', '/x/../', '%2f', ';', '%00', '\\', '/%2e/', '');
  const between = fc.oneof(
    { weight: 4, arbitrary: fc.constant('/') },
    { weight: 1, arbitrary: odd },
  );
  const beside = fc.oneof({ weight: 4, arbitrary: fc.constant('') }, { weight: 1, arbitrary: odd });
  const encoded = (text: string) =>
    fc
      .array(fc.boolean(), { minLength: text.length, maxLength: text.length })
      .map((flags) =>
        [...text]
          .map((each, at) => (flags[at] ? `%${each.charCodeAt(0).toString(16)}` : each))
          .join(''),
      );
  const path = fc
    .tuple(beside, encoded('api'), between, encoded('v1'), between, encoded('secrets'), beside)
    .map((parts) => `/${parts.join('')}`);
  fc.assert(
    fc.property(path, fc.constantFrom('GET', 'DELETE', 'POST'), (each, method) => {
      const decoded = decodeURIComponent(each);
      const read = decoded
        .replaceAll('\\', '/')
        .split('/')
        .filter((part) => !['', '.'].includes(part));
      const error = refusal(judge, `${method} ${each}`);
      const may = read.join('/') === 'api/v1/secrets' || each.includes('..');
      if (may) assert.notEqual(error, undefined, each);
    }),
    { numRuns: 1000 },
  );
});

test('parseAccessRule() says what is wrong, and what to write', () => {
  const complaint = (text: string): string => {
    try {
      parseAccessRule(text, names);
      return '';
    } catch (error) {
      assert.ok(error instanceof RangeError);
      return error.message;
    }
  };
  assert.match(complaint('pods'), /is no verb and one thing.*write it as/);
  assert.match(complaint('get pods now'), /is no verb and one thing/);
  assert.match(complaint('exec pods'), /has the verb "exec"; there are get list/);
  assert.match(complaint('list /metrics'), /has the verb "list"; there are get head/);
  assert.match(complaint('create pods/exec'), /write pods\/\*\/exec/);
  assert.match(complaint('get pods/a/b/c'), /is no RESOURCE/);
  assert.match(complaint('get pods/'), /is no RESOURCE/);
  assert.match(complaint('get po%64s'), /has no resource/);
  assert.match(complaint('create secrets/db'), /whose name no path tells/);
  assert.equal(complaint('create pods/web/exec'), '');
  const [secret] = rules('GET Secret.');
  assert.deepEqual(secret?.subject, {
    kind: 'resource',
    plural: 'secrets',
    group: '',
    name: '*',
    subresource: '',
  });
});
