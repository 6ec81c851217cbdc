import { test } from 'node:test';
import { suggestPort } from '@fairway/serving/testing';
import { skipWithoutKubectl } from './installed-kubectls.ts';
import { openCluster } from './open-cluster.ts';
import { runGuide } from './run-guide.ts';

const skip = await skipWithoutKubectl();

test('docs/guides/proxy.md shows what fences and recordings do', { skip }, async () => {
  await using open = await openCluster();
  const port = await suggestPort();
  await runGuide('proxy', open.directory, (guide) =>
    guide
      .replaceAll('fairway proxy', `fairway proxy --port ${port}`)
      .replaceAll('127.0.0.1:8001', `127.0.0.1:${port}`),
  );
});
