import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseStages } from '@fairway/node-agent';
import { parse } from 'yaml';

test('the stages that the guide to simulated nodes shows are stages', async () => {
  const file = join(import.meta.dirname, '../../../docs/guides/simulated-nodes.md');
  const guide = await readFile(file, 'utf8');
  const blocks = [...guide.matchAll(/```yaml\n([^]*?)```/g)].map(([, block = '']) => parse(block));
  const names = parseStages(blocks).map(({ name }) => name);
  assert.equal(names[0], 'shop-runs-out-of-memory');
});
