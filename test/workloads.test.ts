import { test } from 'node:test';
import { ServiceAccount } from '@fairway/kinds/core/v1';
import { skipWithoutKubectl } from './installed-kubectls.ts';
import { openCluster } from './open-cluster.ts';
import { runGuide } from './run-guide.ts';

test('the guide to workloads can be typed', { skip: await skipWithoutKubectl(23) }, async () => {
  await using open = await openCluster({ simulatedNodes: { count: 3 } });
  await open.admin.waitFor(ServiceAccount, 'default', (account) => account !== undefined);
  await runGuide('workloads', open.directory);
});
