import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stayMs } from './stay.ts';

const [one, other] = ['one', 'other'].map((key) => ({ key, effect: 'NoExecute' }) as const);

test('stayMs() is how long all taints are tolerated', () => {
  assert.ok(one !== undefined && other !== undefined);
  const forever = { operator: 'Exists' } as const;
  const minute = { key: 'one', operator: 'Exists', tolerationSeconds: 60 } as const;
  const second = { key: 'other', operator: 'Exists', tolerationSeconds: 1 } as const;
  assert.equal(stayMs([], []), Infinity);
  assert.equal(stayMs([one], []), 0);
  assert.equal(stayMs([one, other], [forever]), Infinity);
  assert.equal(stayMs([one], [minute, forever]), 60_000);
  assert.equal(stayMs([one, other], [minute, second]), 1_000);
  assert.equal(stayMs([one, other], [minute]), 0);
  assert.equal(stayMs([one], [{ ...minute, tolerationSeconds: -5 }]), 0);
});
