import { test } from 'node:test';
import { skipWithoutKubectl } from './installed-kubectls.ts';
import { openCluster } from './open-cluster.ts';
import { runGuide } from './run-guide.ts';

const skip = await skipWithoutKubectl();

test('docs/guides/aggregation.md adds another API server to a cluster', { skip }, async () => {
  await using open = await openCluster();
  await runGuide('aggregation', open.directory);
});
