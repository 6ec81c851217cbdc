import { test } from 'node:test';
import { suggestPort } from '@fairway/serving/testing';
import { skipWithoutKubectl } from './installed-kubectls.ts';
import { openCluster } from './open-cluster.ts';
import { runGuide } from './run-guide.ts';

const skip = await skipWithoutKubectl();

test(
  'docs/guides/proxy.md shows who may call, what they may do, and what they did',
  { skip },
  async () => {
    await using open = await openCluster();
    const port = await suggestPort();
    const healthPort = await suggestPort();
    await runGuide('proxy', open.directory, (guide) =>
      guide
        .replaceAll('fairway proxy', `fairway proxy --port ${port}`)
        .replaceAll('127.0.0.1:8001', `127.0.0.1:${port}`)
        .replaceAll('127.0.0.1:8002', `127.0.0.1:${healthPort}`),
    );
  },
);
