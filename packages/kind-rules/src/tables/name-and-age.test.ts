import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { tableNowMs } from '../../test/row-of.ts';
import { nameAndCreation } from './define-table.ts';
import { nameAndAge } from './name-and-age.ts';

test('nameAndAge shows the age as a duration, and one it cannot know', () => {
  const cells = (creationTimestamp: string) =>
    nameAndAge.cells({ metadata: { name: 'x', creationTimestamp } }, tableNowMs);
  deepEqual(cells('2026-11-20T10:00:00Z'), ['x', '2d2h']);
  deepEqual(cells('yesterday'), ['x', '<unknown>']);
  deepEqual(nameAndAge.cells({}, tableNowMs), ['', '<unknown>']);
});

test('nameAndCreation shows the time itself', () => {
  const metadata = { name: 'x', creationTimestamp: '2026-11-20T10:00:00Z' };
  deepEqual(nameAndCreation.cells({ metadata }, tableNowMs), ['x', '2026-11-20T10:00:00Z']);
});
