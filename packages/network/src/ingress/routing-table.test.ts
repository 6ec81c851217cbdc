import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { canonicalPath, leadsUp } from './canonical-path.ts';
import { type IngressRules, type PathRule, type Route, routingTable } from './routing-table.ts';

const to = (service: string): Route => ({
  ingress: 'shop/front',
  namespace: 'shop',
  service,
  port: 80,
});

/** `Prefix /foo` of a host, which leads to a service of that name. */
const rule = (text: string, host = ''): PathRule => {
  const [pathType, path = ''] = text.split(' ') as [PathRule['pathType'], string];
  return { host, path, pathType, route: to(host === '' ? text : `${host} ${text}`) };
};

const ingress = (paths: readonly PathRule[], fallback?: string): IngressRules => ({
  paths,
  fallback: fallback === undefined ? undefined : to(fallback),
});

const serviceFor = (rules: readonly string[], path: string): string | undefined =>
  routingTable([ingress(rules.map((each) => rule(each)))]).match('x', path)?.service;

test('paths are matched as the table of the Ingress documentation says', () => {
  // Kind, paths of rules, path of the request, the rule that matches.
  const examples: readonly (readonly [string, string, boolean])[] = [
    ['Prefix /', '/anything/else', true],
    ['Prefix /', '', true],
    ['Exact /foo', '/foo', true],
    ['Exact /foo', '/bar', false],
    ['Exact /foo', '/foo/', false],
    ['Exact /foo/', '/foo', false],
    ['Prefix /foo', '/foo', true],
    ['Prefix /foo', '/foo/', true],
    ['Prefix /foo/', '/foo', true],
    ['Prefix /foo/', '/foo/', true],
    ['Prefix /aaa/bb', '/aaa/bbb', false],
    ['Prefix /aaa/bbb', '/aaa/bbb', true],
    ['Prefix /aaa/bbb/', '/aaa/bbb', true],
    ['Prefix /aaa/bbb', '/aaa/bbb/', true],
    ['Prefix /aaa/bbb', '/aaa/bbb/ccc', true],
    ['Prefix /aaa/bbb', '/aaa/bbbxyz', false],
    ['Prefix /Foo', '/foo', false],
  ];
  for (const [text, path, isMatch] of examples) {
    assert.equal(serviceFor([text], path), isMatch ? text : undefined, `${text} for ${path}`);
  }
  assert.equal(serviceFor(['Prefix /', 'Prefix /aaa'], '/aaa/ccc'), 'Prefix /aaa');
  assert.equal(serviceFor(['Prefix /aaa', 'Prefix /'], '/ccc'), 'Prefix /');
  assert.equal(
    serviceFor(['Prefix /', 'Prefix /aaa', 'Prefix /aaa/bbb'], '/aaa/bbb'),
    'Prefix /aaa/bbb',
  );
  assert.equal(serviceFor(['Prefix /foo', 'Exact /foo'], '/foo'), 'Exact /foo');
  assert.equal(serviceFor(['Prefix /foo/', 'Exact /foo'], '/foo/'), 'Prefix /foo/');
});

test('the most specific host that has rules decides', () => {
  const table = routingTable([
    ingress([
      rule('Prefix /', ''),
      rule('Prefix /', '*.example.com'),
      rule('Prefix /only', 'Shop.Example.com'),
    ]),
  ]);
  const at = (host: string, path = '/'): string | undefined => table.match(host, path)?.service;
  assert.equal(at('shop.example.com', '/only'), 'Shop.Example.com Prefix /only');
  assert.equal(at('shop.example.com', '/other'), undefined);
  assert.equal(at('other.example.com'), '*.example.com Prefix /');
  assert.equal(at('a.b.example.com'), 'Prefix /', 'a wildcard is for one label');
  assert.equal(at('example.com'), 'Prefix /');
  assert.equal(at(''), 'Prefix /');
});

test('default backends take what is left, first that of an ingress of the host', () => {
  const table = routingTable([
    ingress([], 'all'),
    ingress([rule('Exact /a', 'a.example')], 'of a'),
    ingress([rule('Exact /b', 'b.example')]),
  ]);
  const at = (host: string, path: string): string | undefined => table.match(host, path)?.service;
  assert.equal(at('a.example', '/nothing'), 'of a');
  assert.equal(at('b.example', '/nothing'), 'all');
  assert.equal(at('c.example', '/a'), 'all');
  assert.equal(routingTable([]).match('x', '/'), undefined);
});

test('of two ingresses with the same path the earlier one has it', () => {
  const paths = (service: string): readonly PathRule[] => [
    { host: 'x', path: '/', pathType: 'Prefix', route: to(service) },
    { host: 'x', path: '/e', pathType: 'Exact', route: to(service) },
  ];
  const table = routingTable([ingress(paths('first')), ingress(paths('second'))]);
  assert.equal(table.match('x', '/a')?.service, 'first');
  assert.equal(table.match('x', '/e')?.service, 'first');
});

test('a path has one spelling, in rules and in requests', () => {
  assert.equal(serviceFor(['Prefix /admin'], '/%61dmin/x'), 'Prefix /admin');
  assert.equal(serviceFor(['Exact /b%c3%bccher'], '/b%C3%BCcher'), 'Exact /b%c3%bccher');
  assert.equal(serviceFor(['Exact /bücher'], '/b%c3%bccher'), 'Exact /bücher');
  assert.equal(
    serviceFor(['Prefix /a'], '/a%2fb'),
    undefined,
    'an encoded slash separates nothing',
  );
  fc.assert(
    fc.property(fc.webPath(), (path) => {
      assert.equal(canonicalPath(canonicalPath(path)), canonicalPath(path));
    }),
  );
});

test('what leads up is known in every spelling', () => {
  for (const path of [
    '/a/../b',
    '/..',
    '/a/%2e%2E/b',
    '/a/.%2e',
    '/a/..%2fb',
    '/a/..\\b',
    '/./a',
    '/a/..;/b',
  ]) {
    assert.equal(leadsUp(path), true, path);
  }
  for (const path of ['/', '/a', '/a/..b', '/a/b..', '/...', '/.well-known/x', '/a/.b/c']) {
    assert.equal(leadsUp(path), false, path);
  }
});
