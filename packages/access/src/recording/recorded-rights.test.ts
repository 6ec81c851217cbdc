import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRequestTarget } from '@fairway/protocol';
import * as fc from 'fast-check';
import { ruleAllows } from '../authorization/policy-rule.ts';
import type { PolicyRule } from '../authorization/rbac-policy.ts';
import { RecordedRights, type RecordingOptions } from './recorded-rights.ts';
import { roleRules } from './role-rules.ts';

const all: RecordingOptions = { keepsNames: true, rightsMax: 1000 };

/** `GET /api/v1/pods?watch=1 200` */
function answered(line: string) {
  const [method = '', url = '', status = '200'] = line.split(' ');
  const [path = '', query = ''] = url.split('?');
  return { target: parseRequestTarget({ method, path, query }), status: Number(status) };
}

function record(lines: readonly string[], options: Partial<RecordingOptions> = {}) {
  const recorded = new RecordedRights({ ...all, ...options });
  for (const line of lines) recorded.add(answered(line));
  return recorded;
}

function rulesOf(lines: readonly string[], options: Partial<RecordingOptions> = {}) {
  return Object.fromEntries(roleRules(record(lines, options).rights));
}

const rule = (group: string, resource: string, verbs: string, names = ''): PolicyRule => ({
  apiGroups: [group],
  resources: resource.split(' '),
  verbs: verbs.split(' '),
  ...(names === '' ? {} : { resourceNames: names.split(' ') }),
});

const shop = '/api/v1/namespaces/shop';

test('roleRules() has a rule for each way in which resources are used, in the namespace where they are', () => {
  assert.deepEqual(
    rulesOf([
      'GET /api/v1/nodes',
      `GET ${shop}/pods`,
      `GET ${shop}/pods?watch=true`,
      `GET ${shop}/services?labelSelector=a`,
      `POST ${shop}/configmaps 201`,
      `GET ${shop}/secrets/db`,
      `GET ${shop}/secrets/key`,
      `GET ${shop}/pods/web/log`,
      'DELETE /apis/apps/v1/namespaces/other/deployments',
      'PATCH /apis/apps/v1/namespaces/other/deployments/web',
      'GET /metrics',
      'GET /logs/kubelet.log',
    ]),
    {
      '': [
        rule('', 'nodes', 'list'),
        { nonResourceURLs: ['/logs/kubelet.log', '/metrics'], verbs: ['get'] },
      ],
      other: [
        rule('apps', 'deployments', 'deletecollection'),
        rule('apps', 'deployments', 'patch', 'web'),
      ],
      shop: [
        rule('', 'configmaps', 'create'),
        rule('', 'pods', 'list watch'),
        rule('', 'pods/log', 'get', 'web'),
        rule('', 'secrets', 'get', 'db key'),
        rule('', 'services', 'list'),
      ],
    },
  );
});

test('a list or watch of one name needs that name only, and the deletion of a collection every name', () => {
  const one = 'fieldSelector=metadata.name%3Dweb';
  assert.deepEqual(
    rulesOf([
      `GET ${shop}/pods?${one}`,
      `GET ${shop}/pods?watch=1&${one}`,
      `DELETE ${shop}/pods?${one}`,
    ]),
    { shop: [rule('', 'pods', 'deletecollection'), rule('', 'pods', 'list watch', 'web')] },
  );
});

test('what runs in a pod needs create too when it comes by GET, as over a WebSocket', () => {
  for (const subresource of ['exec', 'attach', 'portforward']) {
    const resource = `pods/${subresource}`;
    assert.deepEqual(rulesOf([`GET ${shop}/pods/web/${subresource} 101`]), {
      shop: [rule('', resource, 'create get', 'web')],
    });
    assert.deepEqual(rulesOf([`POST ${shop}/pods/web/${subresource} 101`]), {
      shop: [rule('', resource, 'create', 'web')],
    });
  }
  assert.deepEqual(rulesOf([`GET ${shop}/services/https:web:443/proxy/a/b`]), {
    shop: [rule('', 'services/proxy', 'get', 'https:web:443')],
  });
});

test('an update or a patch that makes the object needs create as well', () => {
  assert.deepEqual(rulesOf([`PATCH ${shop}/configmaps/a 201`, `PUT ${shop}/configmaps/b 201`]), {
    shop: [
      rule('', 'configmaps', 'create patch', 'a'),
      rule('', 'configmaps', 'create update', 'b'),
    ],
  });
  assert.deepEqual(rulesOf([`POST ${shop}/pods/a/eviction 201`]), {
    shop: [rule('', 'pods/eviction', 'create', 'a')],
  });
});

test('what everybody may do is left out', () => {
  const lines = [
    'GET /api',
    'GET /apis/apps/v1',
    'GET /openapi/v3/apis/apps/v1',
    'GET /version',
    'GET /readyz',
    'POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews 201',
    'POST /apis/authorization.k8s.io/v1/selfsubjectrulesreviews 201',
    'POST /apis/authentication.k8s.io/v1/selfsubjectreviews 201',
  ];
  assert.deepEqual(rulesOf(lines), {});
  assert.deepEqual(Object.keys(rulesOf(['GET /readyz/ping'])), ['']);
  const others = 'POST /apis/authorization.k8s.io/v1/subjectaccessreviews 201';
  assert.deepEqual(Object.keys(rulesOf([others])), ['']);
});

test('what failed after it was allowed needed its right, and what may have failed before did not', () => {
  for (const status of [404, 409, 410, 422, 400]) {
    assert.deepEqual(rulesOf([`GET ${shop}/pods/web ${status}`]), {
      shop: [rule('', 'pods', 'get', 'web')],
    });
  }
  for (const status of [401, 429, 500, 502, 503, 504]) {
    assert.deepEqual(rulesOf([`GET ${shop}/pods/web ${status}`]), {}, String(status));
  }
});

test('what was forbidden is told of, until it is allowed', () => {
  const recorded = record([
    `GET ${shop}/secrets/db 403`,
    'POST /api/v1/namespaces 403',
    `GET ${shop}/pods 200`,
    `GET ${shop}/pods 403`,
  ]);
  assert.deepEqual(
    [...recorded.refusals],
    ['get secrets "db" in namespace "shop"', 'create namespaces'],
  );
  assert.equal(recorded.add(answered(`GET ${shop}/secrets/db 200`)), true);
  assert.deepEqual([...recorded.refusals], ['create namespaces']);
});

test('add() says whether something is news', () => {
  const recorded = new RecordedRights(all);
  const of = (line: string): boolean => recorded.add(answered(line));
  assert.deepEqual(
    [of(`GET ${shop}/pods`), of(`GET ${shop}/pods?limit=1`), of(`GET ${shop}/pods/a`)],
    [true, false, true],
  );
});

test('without names a rule is for every object', () => {
  assert.deepEqual(rulesOf([`GET ${shop}/pods/a`, `GET ${shop}/pods/b`], { keepsNames: false }), {
    shop: [rule('', 'pods', 'get')],
  });
});

test('a right is named once, in the widest place where it is needed', () => {
  const one = 'fieldSelector=metadata.name%3Dweb';
  assert.deepEqual(
    rulesOf([
      `GET ${shop}/pods`,
      `GET ${shop}/pods?${one}`,
      'GET /api/v1/pods',
      `GET ${shop}/services?${one}`,
      `GET ${shop}/services`,
    ]),
    { '': [rule('', 'pods', 'list')], shop: [rule('', 'services', 'list')] },
  );
});

test('roleRules() keeps the wide rules of somebody, and adds nothing that they cover', () => {
  const wide = { apiGroups: ['*'], resources: ['*'], verbs: ['list'] };
  const { rights } = record([`GET ${shop}/pods`, 'GET /api/v1/nodes', `GET ${shop}/pods/a`]);
  assert.deepEqual(Object.fromEntries(roleRules([{ namespace: '', rule: wide }, ...rights])), {
    '': [wide],
    shop: [rule('', 'pods', 'get', 'a')],
  });
});

test('no request makes a rule with a star', () => {
  const lines = [
    'GET /api/v1/* 404',
    'GET /apis/*/v1/pods 404',
    'GET /api/v1/namespaces/*/pods 404',
    'GET /api/v1/pods/a/* 404',
    'GET /* 404',
    'GET /metrics* 404',
    'GET /api/v1/pods%0a 404',
    `GET /${'a'.repeat(2000)} 404`,
  ];
  assert.deepEqual(rulesOf(lines), {});
  assert.deepEqual(rulesOf(['GET /api/v1/namespaces/a/pods/*']), {
    a: [rule('', 'pods', 'get', '*')],
  });
});

test('there is an end to what is recorded, and it is told', () => {
  const lines = ['a', 'b', 'c'].map((name) => `GET ${shop}/pods/${name}`);
  const recorded = record(lines, { rightsMax: 2 });
  assert.equal([...recorded.rights].length, 2);
  assert.equal(recorded.isFull, true);
  assert.equal(record(lines.slice(1), { rightsMax: 2 }).isFull, false);
  const refused = record(
    lines.map((line) => `${line} 403`),
    { rightsMax: 2 },
  );
  assert.equal([...refused.refusals].length, 2);
  assert.equal(refused.isFull, true);
});

test('the rules of any session grant all of it, and no rule can be left out', () => {
  const line = fc
    .record({
      method: fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE'),
      place: fc.constantFrom('', 'namespaces/a/', 'namespaces/b/'),
      plural: fc.constantFrom('pods', 'secrets', 'services'),
      name: fc.constantFrom('', '/x', '/y', '/x/exec', '/y/proxy'),
      query: fc.constantFrom('', '?watch=1', '?fieldSelector=metadata.name%3Dx'),
    })
    .map(
      ({ method, place, plural, name, query }) =>
        `${method} /api/v1/${place}${plural}${name}${query}`,
    );
  fc.assert(
    fc.property(fc.array(line, { minLength: 1 }), (lines) => {
      const recorded = record(lines);
      const roles = roleRules(recorded.rights);
      const flat = [...roles].flatMap(([namespace, rules]) =>
        rules.map((each) => ({ namespace, rule: each })),
      );
      const isGranted = (granted: typeof flat): boolean =>
        lines.every((each) => {
          const { target } = answered(each);
          return granted.some(
            ({ namespace, rule: one }) =>
              (namespace === '' || (target.isResource && target.namespace === namespace)) &&
              ruleAllows(one, target),
          );
        });
      const needsCreate = lines.some(
        (each) => each.startsWith('GET') && each.includes('pods/x/exec'),
      );
      assert.equal(isGranted(flat), true);
      if (needsCreate) return;
      for (const left of flat) {
        assert.equal(isGranted(flat.filter((each) => each !== left)), false, JSON.stringify(left));
      }
    }),
  );
});
