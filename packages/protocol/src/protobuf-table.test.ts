import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';

import {
  decodeKubernetesProtobuf,
  decodeProtobufMessage,
  encodeKubernetesProtobuf,
  encodeKubernetesProtobufFrame,
  encodeProtobufMessage,
} from './kubernetes-protobuf.ts';
import { ProtobufError, type ProtobufProblem } from './protobuf-error.ts';
import { type ProtobufField, ProtobufTable } from './protobuf-table.ts';

const meta = 'k8s.io.apimachinery.pkg.apis.meta.v1';
const field = (name: string, number: number, type: string): ProtobufField => ({
  name,
  number,
  type,
});

const messages: Readonly<Record<string, readonly ProtobufField[]>> = {
  'test.v1.Thing': [
    field('metadata', 1, 'Meta'),
    field('text', 2, 'string'),
    { ...field('replicas', 3, 'int32'), keepsZero: true },
    field('priority', 4, 'int32'),
    field('size', 5, 'int64'),
    field('isOn', 6, 'bool'),
    field('ratio', 7, 'double'),
    field('blob', 8, 'bytes'),
    field('labels', 9, 'map<string,string>'),
    field('children', 10, 'repeated Thing'),
    field('ports', 11, 'repeated int32'),
    { ...field('source', 12, 'Source'), isInline: true },
    field('time', 13, `${meta}.Time`),
    field('microTime', 14, `${meta}.MicroTime`),
    field('fields', 15, `${meta}.FieldsV1`),
    field('limits', 16, 'map<string,k8s.io.apimachinery.pkg.api.resource.Quantity>'),
    field('port', 17, 'k8s.io.apimachinery.pkg.util.intstr.IntOrString'),
    field('raw', 18, 'k8s.io.apimachinery.pkg.runtime.RawExtension'),
    field('extra', 19, 'map<string,ExtraValue>'),
    field('data', 20, 'map<string,bytes>'),
    field('times', 21, `repeated ${meta}.Time`),
  ],
  'test.v1.ThingList': [field('metadata', 1, 'Meta'), field('items', 2, 'repeated Thing')],
  'test.v1.Meta': [field('name', 1, 'string')],
  'test.v1.Source': [field('path', 1, 'string')],
  'test.v1.ExtraValue': [field('items', 1, 'repeated string')],
};

const table = new ProtobufTable({
  fieldsOf: (message) => messages[message],
  messageOf: (apiVersion, kind) =>
    [`test.v1.${kind}`].find((name) => apiVersion === 'test/v1' && name in messages),
});

const bytesOf = (hex: string): Uint8Array =>
  Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));

function thing(hex: string): Record<string, unknown> {
  return decodeProtobufMessage('test.v1.Thing', bytesOf(hex), table);
}

function refuses(hex: string, problem: ProtobufProblem, path?: string): void {
  assert.throws(
    () => thing(hex),
    (error) =>
      error instanceof ProtobufError &&
      error.problem === problem &&
      (path === undefined || error.path === path),
    `${hex} should be ${problem}`,
  );
}

function roundTrip(value: object): unknown {
  return decodeProtobufMessage(
    'test.v1.Thing',
    encodeProtobufMessage('test.v1.Thing', value, table),
    table,
  );
}

test('encodeKubernetesProtobuf() writes the magic bytes, the type and the object', () => {
  const object = { apiVersion: 'test/v1', kind: 'Thing', metadata: { name: 'a' }, text: 'b' };
  const bytes = encodeKubernetesProtobuf(object, table);
  const expected =
    '6b387300 0a10 0a07 746573742f7631 1205 5468696e67 120a 0a03 0a0161 120162 6200 1a00 2200';
  assert.equal(Buffer.from(bytes).toString('hex'), expected.replaceAll(' ', ''));
  assert.deepEqual(decodeKubernetesProtobuf(bytes, table), {
    apiVersion: 'test/v1',
    kind: 'Thing',
    object,
  });
});

test('decodeProtobufMessage() drops what omitempty drops and keeps a zero that says something', () => {
  assert.deepEqual(thing('1200 1800 2000 3000'), { replicas: 0 });
  assert.deepEqual(thing('0a00'), { metadata: {} });
});

test('decodeProtobufMessage() gives a list its items even when there are none', () => {
  assert.deepEqual(decodeProtobufMessage('test.v1.ThingList', bytesOf(''), table), { items: [] });
});

test('decodeProtobufMessage() reads negative numbers and whole 64-bit ranges', () => {
  assert.deepEqual(thing('18ffffffffffffffffff01'), { replicas: -1 });
  assert.deepEqual(thing('28ffffffffffffffffff01'), { size: -1 });
  assert.deepEqual(thing('28ffffffffffffff0f'), { size: Number.MAX_SAFE_INTEGER });
  assert.deepEqual(roundTrip({ size: Number.MIN_SAFE_INTEGER }), { size: Number.MIN_SAFE_INTEGER });
});

test('decodeProtobufMessage() takes the last of a repeated single field and merges messages', () => {
  assert.deepEqual(thing('120161 120162'), { text: 'b' });
  assert.deepEqual(thing('120161 1200'), {});
  assert.deepEqual(thing('0a03 0a0161 0a00'), { metadata: { name: 'a' } });
});

test('decodeProtobufMessage() reads packed numbers and skips fields it does not know', () => {
  assert.deepEqual(thing('5a03 500701 5801'), { ports: [80, 7, 1, 1] });
  assert.deepEqual(thing('f83f05 fa3f0161 f93f0000000000000000 fd3f00000000 120161'), {
    text: 'a',
  });
});

test('decodeProtobufMessage() says an empty time as nothing, and in a list as null', () => {
  assert.deepEqual(thing('6a00 7200'), {});
  assert.deepEqual(thing('6a02 0800'), { time: '1970-01-01T00:00:00Z' });
  assert.deepEqual(thing('aa0100'), { times: [null] });
});

test('decodeProtobufMessage() keeps a hostile map key a key', () => {
  const labels = thing('4a0e 0a095f5f70726f746f5f5f 120178')['labels'];
  assert.deepEqual(Object.entries(labels as object), [['__proto__', 'x']]);
});

test('encodeProtobufMessage() and back gives every JSON form', () => {
  const value = {
    metadata: { name: 'grüße 🙂' },
    replicas: 0,
    ratio: 0.25,
    isOn: true,
    blob: 'AAH/',
    labels: { b: '', a: '1' },
    children: [{ text: 'x'.repeat(5000) }, {}],
    ports: [80, -1],
    path: '/inline',
    time: '2026-01-02T03:04:05Z',
    microTime: '2026-01-02T03:04:05.000006Z',
    fields: { 'f:spec': {} },
    limits: { cpu: '100m' },
    raw: { any: ['thing', 1, null] },
    extra: { scopes: ['a', 'b'], none: [] },
    data: { empty: '', some: 'YQ==' },
  };
  assert.deepEqual(roundTrip(value), value);
  assert.deepEqual(roundTrip({ port: 'http' }), { port: 'http' });
  assert.deepEqual(roundTrip({ port: 80 }), { port: 80 });
  assert.deepEqual(roundTrip({ limits: { cpu: 2 } }), { limits: { cpu: '2' } });
  assert.deepEqual(roundTrip({ time: '2026-01-02T03:04:05.9+01:00' }), {
    time: '2026-01-02T02:04:05Z',
  });
  assert.deepEqual(roundTrip({ unknown: 1, text: null }), {});
});

test('decodeKubernetesProtobuf() opens an object inside an object', () => {
  const inner = { apiVersion: 'test/v1', kind: 'Thing', text: 'in' };
  const frame = encodeKubernetesProtobufFrame({ type: 'ADDED', object: inner }, table);
  assert.equal(new DataView(frame.buffer).getUint32(0), frame.length - 4);
  const events = new ProtobufTable({
    fieldsOf: (message) =>
      message === 'Event'
        ? [
            field('type', 1, 'string'),
            field('object', 2, 'k8s.io.apimachinery.pkg.runtime.RawExtension'),
          ]
        : messages[message],
    messageOf: () => 'test.v1.Thing',
  });
  assert.deepEqual(decodeProtobufMessage('Event', frame.subarray(4), events), {
    type: 'ADDED',
    object: inner,
  });
});

test('decodeProtobufMessage() refuses broken bytes and says where', () => {
  refuses('12', 'truncated', '');
  refuses('1205 61', 'truncated', '');
  refuses('0a03 0a0561', 'truncated', 'metadata');
  refuses('0a04 0a0261', 'truncated');
  refuses('12ffffffffffffffffff01', 'malformed');
  refuses('18ffffffffffffffffffffff01', 'malformed');
  refuses('18ff', 'truncated');
  refuses('3900000000', 'truncated');
  refuses('10 01', 'malformed');
  refuses('1a00', 'malformed');
  refuses('00 01', 'malformed');
  refuses('0b', 'malformed');
  refuses('1202 c328', 'malformed');
  refuses('6a02 10ff', 'truncated', 'time');
  refuses('6a06 1080 94ebdc03', 'malformed', 'time');
  refuses('6a09 08ffffffffffffff0f', 'malformed', 'time');
  refuses('7a04 0a027b7b', 'malformed');
  refuses('39 000000000000f87f', 'malformed');
});

test('decodeProtobufMessage() refuses nesting without end', () => {
  let nested = new Uint8Array();
  for (let depth = 0; depth < 300; depth += 1) {
    const around: number[] = [0x52];
    for (let rest = nested.length; ; rest >>>= 7) {
      around.push(rest > 0x7f ? (rest & 0x7f) | 0x80 : rest);
      if (rest <= 0x7f) break;
    }
    nested = Uint8Array.from([...around, ...nested]);
  }
  assert.throws(() => decodeProtobufMessage('test.v1.Thing', nested, table), {
    problem: 'too-deep',
  });
});

test('decodeKubernetesProtobuf() refuses other bodies and kinds without a message', () => {
  const decode = (hex: string) => () => decodeKubernetesProtobuf(bytesOf(hex), table);
  assert.throws(decode('7b7d'), { name: 'ProtobufError', problem: 'not-kubernetes-protobuf' });
  assert.throws(decode(''), { problem: 'not-kubernetes-protobuf' });
  assert.throws(decode('6b387300 0a06 0a0161 120142'), { problem: 'unknown-kind' });
  assert.throws(decode('6b387300 1a0467 7a6970'), { problem: 'malformed' });
});

test('encodeProtobufMessage() refuses values that the field cannot hold and names the field', () => {
  const refuse = (value: object, path: string): void =>
    assert.throws(() => encodeProtobufMessage('test.v1.Thing', value, table), {
      name: 'ProtobufError',
      problem: 'wrong-value',
      path,
    });
  refuse({ text: 1 }, 'text');
  refuse({ replicas: 2 ** 31 }, 'replicas');
  refuse({ replicas: 1.5 }, 'replicas');
  refuse({ size: 'x' }, 'size');
  refuse({ size: 1e30 }, 'size');
  refuse({ size: 2 ** 63 }, 'size');
  refuse({ blob: '§' }, 'blob');
  refuse({ labels: ['a'] }, 'labels');
  refuse({ labels: { a: 1 } }, 'labels.a');
  refuse({ children: {} }, 'children');
  refuse({ children: [{ metadata: 'x' }] }, 'children.metadata');
  refuse({ time: 'yesterday' }, 'time');
  refuse({ time: '2026-13-01T00:00:00Z' }, 'time');
  refuse({ port: true }, 'port');
  refuse({ limits: { cpu: [] } }, 'limits.cpu');
  refuse({ extra: { a: 'b' } }, 'extra.a.items');
});

test('encodeProtobufMessage() refuses an object that contains itself', () => {
  const value: { children: unknown[] } = { children: [] };
  value.children.push(value);
  assert.throws(() => encodeProtobufMessage('test.v1.Thing', value, table), {
    problem: 'too-deep',
  });
});

test('decodeKubernetesProtobuf() answers any bytes with an object or a ProtobufError', () => {
  const valid = encodeKubernetesProtobuf(
    {
      apiVersion: 'test/v1',
      kind: 'Thing',
      metadata: { name: 'a' },
      labels: { a: 'b' },
      time: '2026-01-02T03:04:05Z',
      limits: { cpu: '1' },
      raw: { a: 1 },
      children: [{ ports: [1, 2], blob: 'AAAA' }],
    },
    table,
  );
  const attempt = (bytes: Uint8Array): void => {
    try {
      decodeKubernetesProtobuf(bytes, table);
    } catch (error) {
      assert.ok(error instanceof ProtobufError, String(error));
    }
  };
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (noise) => {
      attempt(Uint8Array.from([...valid.subarray(0, 24), ...noise]));
    }),
  );
  fc.assert(
    fc.property(fc.nat(valid.length - 1), fc.nat(255), (index, byte) => {
      attempt(valid.with(index, byte));
      attempt(valid.subarray(0, index));
    }),
  );
});

test('a value that its field cannot hold is left out with its innermost field, when asked', () => {
  const right = { apiVersion: 'test/v1', kind: 'Thing', text: 'a', isOn: true };
  const wrong = { ...right, time: 'yesterday', children: [{ text: 'b', replicas: 1e20 }] };
  assert.throws(() => encodeKubernetesProtobuf(wrong, table), ProtobufError);
  const bytes = encodeKubernetesProtobuf(wrong, table, { leavesOutWrongValues: true });
  const { object } = decodeKubernetesProtobuf(bytes, table);
  const expected = decodeKubernetesProtobuf(
    encodeKubernetesProtobuf({ ...right, children: [{ text: 'b' }] }, table),
    table,
  );
  assert.deepEqual(object, expected.object);
});

test('decodeKubernetesProtobuf() bounds fields and elements, however they are written', () => {
  const many = Array.from({ length: 60 }, (_, at) => at);
  const things: readonly object[] = [
    { ports: many },
    { children: many.map(() => ({})) },
    { labels: Object.fromEntries(many.map((at) => [`k${at}`, ''])) },
    { extra: { a: many.map(String) } },
    { fields: Object.fromEntries(many.map((at) => [`k${at}`, {}])) },
    { raw: { a: many } },
  ];
  for (const thing of things) {
    const object = { apiVersion: 'test/v1', kind: 'Thing', ...thing };
    const bytes = encodeKubernetesProtobuf(object, table);
    decodeKubernetesProtobuf(bytes, table, { valuesMax: 200 });
    assert.throws(
      () => decodeKubernetesProtobuf(bytes, table, { valuesMax: 50 }),
      (error) => error instanceof ProtobufError && error.problem === 'too-large',
      JSON.stringify(thing).slice(0, 40),
    );
  }
  const packed = bytesOf(
    `6b 38 73 00 0a 10 0a 07 ${Buffer.from('test/v1').toString('hex')} 12 05 ${Buffer.from('Thing').toString('hex')} 12 3e 5a 3c ${'01'.repeat(60)}`,
  );
  assert.equal(
    (decodeKubernetesProtobuf(packed, table).object as unknown as { ports: [] }).ports.length,
    60,
  );
  assert.throws(() => decodeKubernetesProtobuf(packed, table, { valuesMax: 50 }), ProtobufError);
});

test('decodeKubernetesProtobuf() refuses raw JSON that is deeper than any stack', () => {
  for (const field of ['raw', 'fields']) {
    const bytes = encodeKubernetesProtobuf(
      { apiVersion: 'test/v1', kind: 'Thing', [field]: 1 },
      table,
    );
    assert.equal(
      (decodeKubernetesProtobuf(bytes, table).object as unknown as Record<string, unknown>)[field],
      1,
    );
    const deep = `${'['.repeat(2_000)}${']'.repeat(2_000)}`;
    const nested = encodeKubernetesProtobuf(
      { apiVersion: 'test/v1', kind: 'Thing', [field]: JSON.parse(deep) as object },
      table,
    );
    assert.throws(() => decodeKubernetesProtobuf(nested, table), /exceeded max depth/);
  }
});
