import { test } from 'node:test';
import { ConfigMap, ServiceAccount } from '@fairway/kinds/core/v1';
import { openCluster } from './open-cluster.ts';
import { runGuide } from './run-guide.ts';

test('docs/guides/command.md can be typed', async () => {
  await using open = await openCluster();
  const { admin } = open;
  await admin.waitFor(ServiceAccount, 'default', (account) => account !== undefined);
  await admin.waitFor(ConfigMap, 'kube-root-ca.crt', (map) => map !== undefined);
  await runGuide('command', open.directory);
});
