import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseResourceArguments } from './parse-resource-arguments.ts';

test('parseResourceArguments() reads types, names, lists and pairs', () => {
  const read = (text: string): string =>
    parseResourceArguments(text.split(' '))
      .map(({ type, names }) => `${type}(${names.join(' ')})`)
      .join(' ');
  assert.equal(read('pods'), 'pods()');
  assert.equal(read('pods a b a'), 'pods(a b)');
  assert.equal(read('po,svc,'), 'po() svc()');
  assert.equal(read('po,svc a'), 'po(a) svc(a)');
  assert.equal(read('deployments.v1.apps/web pod/a'), 'deployments.v1.apps(web) pod(a)');
});

test('parseResourceArguments() says what it wants instead', () => {
  for (const [words, message] of [
    [[], /Required resource not specified/],
    [['pod/a', 'b'], /no need to name a type separately/],
    [['pods', 'pod/b'], /no need to name a type separately/],
    [['pods', ''], /may not be empty/],
    [['pod/'], /is no TYPE\/NAME/],
    [['/a'], /is no TYPE\/NAME/],
    [['a/b/c'], /is no TYPE\/NAME/],
  ] as const) {
    assert.throws(() => parseResourceArguments(words), message);
  }
});
