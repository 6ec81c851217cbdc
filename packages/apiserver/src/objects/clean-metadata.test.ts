import { equal } from 'node:assert/strict';
import { test } from 'node:test';
import type { Call } from '../calls/call.ts';
import { cleanMetadata } from './clean-metadata.ts';
import type { IncomingObject } from '../content/incoming-object.ts';

test('cleanMetadata() names fifty repeated owners at most', () => {
  const owner = { apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'u' };
  const draft = { metadata: { ownerReferences: Array.from({ length: 61 }, () => owner) } };
  const warnings: string[] = [];
  cleanMetadata({ warnings } as unknown as Call, draft as unknown as IncomingObject);
  equal(draft.metadata.ownerReferences.length, 1);
  equal(warnings[0]?.split(': ').at(-1)?.split(', ').length, 50);
});
