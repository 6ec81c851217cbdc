import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import {
  type Quantity,
  addQuantities,
  canonicalQuantity,
  checkQuantity,
  compareQuantities,
  formatQuantity,
  negateQuantity,
  parseQuantity,
} from './quantity.ts';

test('formatQuantity() writes the canonical form of what was read', () => {
  const forms: readonly (readonly [string, string])[] = [
    ['0', '0'],
    ['0m', '0'],
    ['-0', '0'],
    ['1', '1'],
    ['+1', '1'],
    ['-1', '-1'],
    ['001', '1'],
    ['1000m', '1'],
    ['1500m', '1500m'],
    ['0.5', '500m'],
    ['.5', '500m'],
    ['5.', '5'],
    ['1000', '1k'],
    ['1024', '1024'],
    ['100000k', '100M'],
    ['0.1', '100m'],
    ['1n', '1n'],
    ['0.1n', '1n'],
    ['-0.1n', '-1n'],
    ['1.0001n', '2n'],
    ['12e6', '12e6'],
    ['1e3', '1e3'],
    ['1E2', '100'],
    ['1e-3', '1e-3'],
    ['1E', '1E'],
    ['1Ki', '1Ki'],
    ['1024Ki', '1Mi'],
    ['1.5Gi', '1536Mi'],
    ['0.5Ki', '512'],
    ['0.5Mi', '512Ki'],
    ['1000Ki', '1000Ki'],
    ['0.0005Ki', '512m'],
    ['1.0005Ki', '1024512m'],
    ['100Ei', '9223372036854775807'],
    ['100000000Ei', '9223372036854775807'],
    ['9223372036854775808', '9223372036854775808'],
    ['12345678901234567890', '12345678901234567890'],
    ['100000000000000000000', '100E'],
    ['1000E', '1e21'],
    ['-1000E', '-1e21'],
    ['1e99', '1e99'],
    ['1e-999999999', '1e-9'],
  ];
  for (const [text, expected] of forms) {
    assert.equal(formatQuantity(read(text)), expected, text);
  }
});

test('canonicalQuantity() keeps what is written with the digits in their places', () => {
  const kept = ['0', '1', '+1', '1.', '1E3', '1e3', '1e-3', '007', '1.500', '1Ki', '1025Ki', '1Ei'];
  for (const text of kept) assert.equal(canonicalQuantity(text), text);
  const written: readonly (readonly [string, string])[] = [
    ['+0', '0'],
    ['0.', '0'],
    ['.5', '500m'],
    ['1.5', '1500m'],
    ['1000', '1k'],
    ['1.000', '1'],
    ['1E2', '100'],
    ['1024Mi', '1Gi'],
    ['1.5Gi', '1536Mi'],
    ['1.0000000000000000000', '1'],
  ];
  for (const [text, expected] of written) assert.equal(canonicalQuantity(text), expected, text);
  assert.equal(canonicalQuantity('1KI'), undefined);
});

test('checkQuantity() says what is wrong', () => {
  for (const text of ['', ' 1', '1 ', 'aoeu', '1.1.M', '1+1.0M', '0x1', '1_000', '½']) {
    assert.match(checkQuantity(text) ?? '', /must match the regular expression/, text);
  }
  for (const text of ['0.1mM', '1i', '-3.01i', '1e', '1KI', '1Mm', '1e+']) {
    assert.ok(checkQuantity(text) !== undefined && parseQuantity(text) === undefined, text);
  }
  // No text of a few bytes may stand for a number that takes long.
  assert.match(checkQuantity('1e100') ?? '', /numeric part/);
  assert.match(checkQuantity('9'.repeat(101)) ?? '', /numeric part/);
  assert.equal(checkQuantity('.'), 'unable to parse numeric part of quantity');
  assert.equal(checkQuantity('1MM'), "unable to parse quantity's suffix");
  assert.equal(checkQuantity('100m'), undefined);
});

test('addQuantities() and compareQuantities() look at amounts', () => {
  assert.equal(formatQuantity(addQuantities(read('1'), read('500m'))), '1500m');
  assert.equal(formatQuantity(addQuantities(read('0'), read('1Gi'))), '1Gi');
  assert.equal(formatQuantity(addQuantities(read('1Gi'), negateQuantity(read('1Gi')))), '0');
  assert.equal(compareQuantities(read('1Ki'), read('1024')), 0);
  assert.ok(compareQuantities(read('1M'), read('1Mi')) < 0);
  assert.ok(compareQuantities(read('-1'), read('-2')) > 0);
});

test('quantities survive writing and reading', () => {
  const format = fc.constantFrom(
    'BinarySI' as const,
    'DecimalSI' as const,
    'DecimalExponent' as const,
  );
  const nanos = fc.oneof(
    fc.bigInt(-(10n ** 20n), 10n ** 20n),
    fc.bigInt(-(2n ** 60n), 2n ** 60n).map((units) => units * 10n ** 9n),
  );
  fc.assert(
    fc.property(nanos, format, (amount, written) => {
      const text = formatQuantity({ nanos: amount, format: written });
      const again = read(text);
      assert.equal(formatQuantity(again), text);
      if (written !== 'BinarySI') assert.equal(again.nanos, amount);
    }),
  );
});

test('parseQuantity() is quick and quiet about anything', () => {
  assert.equal(formatQuantity(read(`0.${'0'.repeat(1_000_000)}1`)), '1n');
  assert.equal(parseQuantity('9'.repeat(1_000_000)), undefined);
  assert.equal(formatQuantity(read(`${'0'.repeat(1_000_000)}1`)), '1');
  assert.equal(parseQuantity(`${'9'.repeat(1_000_000)}x`), undefined);
  const unit = fc.constantFrom(...'0123456789+-.eEinumkKMGTP');
  fc.assert(
    fc.property(fc.string({ unit }), (text) => {
      assert.equal(parseQuantity(text) === undefined, checkQuantity(text) !== undefined);
    }),
  );
});

function read(text: string): Quantity {
  const quantity = parseQuantity(text);
  assert.ok(quantity, text.slice(0, 40));
  return quantity;
}
