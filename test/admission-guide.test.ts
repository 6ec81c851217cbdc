import { test } from 'node:test';
import { skipWithoutKubectl } from './installed-kubectls.ts';
import { openCluster } from './open-cluster.ts';
import { runGuide } from './run-guide.ts';

const skip = await skipWithoutKubectl();

test('docs/guides/admission.md says what may be stored', { skip }, async () => {
  await using open = await openCluster();
  await runGuide('admission', open.directory);
});
