import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { negotiateMediaType, parseAccept, parseMediaType } from './media-type.ts';

const offered = [
  { type: 'application/json' },
  { type: 'application/yaml' },
  { type: 'application/vnd.kubernetes.protobuf' },
];

test('parseMediaType() takes a Content-Type apart', () => {
  assert.deepEqual(parseMediaType(' Application/JSON; Charset="utf-8;x"; as=Table '), {
    type: 'application/json',
    parameters: new Map([
      ['charset', 'utf-8;x'],
      ['as', 'Table'],
    ]),
  });
  for (const text of ['', 'json', 'a/b/c', 'a b/c', '/', ';'])
    assert.equal(parseMediaType(text), undefined, text);
});

test('parseAccept() puts the best first', () => {
  const types = (header: string): string[] => parseAccept(header).map(({ type }) => type);
  assert.deepEqual(types('*/*, a/*, a/b, c/d;q=0.5, e/f;q=0, g/h;q=0.9'), [
    'a/b',
    'a/*',
    '*/*',
    'g/h',
    'c/d',
  ]);
  assert.deepEqual(types('a/b,,;,c'), ['a/b']);
});

test('negotiateMediaType() serves the best that it can', () => {
  const chosen = (header: string | undefined): string | undefined =>
    negotiateMediaType(
      header,
      offered,
      (_, parameters) => (parameters.get('as') ?? 'Table') === 'Table',
    )?.offer.type;
  assert.equal(chosen(undefined), 'application/json');
  assert.equal(chosen(''), 'application/json');
  assert.equal(chosen('*/*'), 'application/json');
  assert.equal(chosen('application/*'), 'application/json');
  assert.equal(
    chosen('application/vnd.kubernetes.protobuf,application/json'),
    'application/vnd.kubernetes.protobuf',
  );
  assert.equal(chosen('application/json;q=0.5,application/yaml'), 'application/yaml');
  assert.equal(chosen('application/json;as=Other,application/yaml'), 'application/yaml');
  assert.equal(chosen('text/plain'), undefined);
  const table = negotiateMediaType(
    'application/json;as=Table;v=v1;g=meta.k8s.io, application/json',
    offered,
  );
  assert.equal(table?.parameters.get('as'), 'Table');
});

test('the parsers of media types never throw', () => {
  const unit = fc.constantFrom(...'a/;,="\\*q.01 ');
  fc.assert(
    fc.property(fc.string({ unit }), (text) => {
      parseMediaType(text);
      parseAccept(text);
    }),
  );
});
