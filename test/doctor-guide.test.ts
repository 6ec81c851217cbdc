import { test } from 'node:test';
import { skipWithoutKubectl } from './installed-kubectls.ts';
import { openCluster } from './open-cluster.ts';
import { runGuide } from './run-guide.ts';

const skip = await skipWithoutKubectl();

test('docs/guides/doctor.md finds what it breaks', { skip }, async () => {
  await using open = await openCluster();
  await runGuide('doctor', open.directory);
});
