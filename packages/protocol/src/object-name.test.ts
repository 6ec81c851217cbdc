import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  checkConfigMapKey,
  checkDns1035Label,
  checkDnsLabel,
  checkDnsSubdomain,
  checkLabelKey,
  checkLabelValue,
  checkPathSegment,
} from './object-name.ts';

test('checkDnsSubdomain() takes dotted labels up to 253 characters', () => {
  for (const name of ['a', 'a.b', '1-2.x', 'a'.repeat(253)])
    assert.equal(checkDnsSubdomain(name), undefined);
  assert.equal(
    checkDnsSubdomain('B_bad'),
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
  );
  assert.equal(checkDnsSubdomain('a'.repeat(254)), 'must be no more than 253 characters');
  for (const name of ['', '-a', 'a-', 'a..b', 'a\n', 'A'])
    assert.notEqual(checkDnsSubdomain(name), undefined);
});

test('checkDnsSubdomain() lets a prefix end in a dash', () => {
  assert.equal(checkDnsSubdomain('gen-', { isPrefix: true }), undefined);
  assert.notEqual(checkDnsSubdomain('gen-'), undefined);
  assert.notEqual(checkDnsSubdomain('Gen-', { isPrefix: true }), undefined);
});

test('checkDnsLabel() and checkDns1035Label() take one label', () => {
  assert.equal(checkDnsLabel('1x'), undefined);
  assert.equal(checkDnsLabel('a.b'), 'must not contain dots');
  assert.match(
    checkDnsLabel('a_b') ?? '',
    /^a lowercase RFC 1123 label must consist .*'my-name',  or '123-abc', regex/,
  );
  assert.equal(checkDns1035Label('x1'), undefined);
  assert.match(
    checkDns1035Label('1x') ?? '',
    /^a DNS-1035 label must .*'my-name',  or 'abc-123', regex/,
  );
  assert.equal(checkDnsLabel('a'.repeat(64)), 'must be no more than 63 characters');
});

test('checkPathSegment() refuses what a path cannot hold', () => {
  assert.equal(checkPathSegment('system:masters'), undefined);
  assert.equal(checkPathSegment('..'), "may not be '..'");
  assert.equal(checkPathSegment('a/b%'), "may not contain '/', may not contain '%'");
});

test('checkLabelKey() and checkLabelValue() use the words of the API', () => {
  for (const key of ['a', 'app.kubernetes.io/name', 'A_b.c-1'])
    assert.equal(checkLabelKey(key), undefined);
  assert.equal(
    checkLabelKey('a b'),
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
  );
  assert.match(checkLabelKey('') ?? '', /^name part must be non-empty, name part must consist/);
  assert.match(checkLabelKey('/a') ?? '', /^prefix part must be non-empty/);
  assert.match(checkLabelKey('A/a') ?? '', /^prefix part a lowercase RFC 1123 subdomain/);
  assert.match(
    checkLabelKey('a/b/c') ?? '',
    /^a valid label key must consist .* with an optional DNS/,
  );
  assert.equal(checkLabelValue(''), undefined);
  assert.equal(
    checkLabelValue('e f'),
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
  );
});

test('checkConfigMapKey() refuses what cannot be a file name', () => {
  assert.equal(checkConfigMapKey('.env'), undefined);
  assert.equal(
    checkConfigMapKey('a b'),
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
  );
  assert.equal(checkConfigMapKey('..'), "must not be '..'");
  assert.equal(checkConfigMapKey('..a'), "must not start with '..'");
});
