import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { rowOf } from '../../test/row-of.ts';
import { configMaps, secrets } from './configuration.ts';

test('configMaps and secrets count entries and show none of them', () => {
  deepEqual(rowOf(configMaps, { data: { a: '1' }, binaryData: { b: 'eA==' } }), { Data: 2 });
  deepEqual(rowOf(secrets, { type: 'Opaque', data: { a: 'eA==' } }), { Type: 'Opaque', Data: 1 });
});
