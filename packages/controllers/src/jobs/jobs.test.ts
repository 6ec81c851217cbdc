import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startTestServer } from '@fairway/apiserver/testing';
import { silentLogger } from '@fairway/host';
import { Job } from '@fairway/kinds/batch/v1';
import { createEventRecorder, createInformers } from '@fairway/reconcile';
import { clientOf } from '../../test/running-cluster.ts';
import type { ControllerParts } from '../controller-parts.ts';
import { ServedResources } from '../served-resources.ts';
import { JobBackoffs } from './failure-backoff.ts';
import { runJobs } from './jobs.ts';

test('runJobs() remembers nothing of a job that is gone', async () => {
  await using server = await startTestServer();
  const stopping = new AbortController();
  const { signal } = stopping;
  const logger = silentLogger;
  const client = clientOf(server);
  const informers = createInformers({ client, signal });
  const parts: ControllerParts = {
    name: 'job-controller',
    client,
    administrator: client,
    informers,
    resources: new ServedResources({ client, informers, logger, signal }),
    recorder: createEventRecorder({ client, component: 'job-controller', signal, logger }),
    logger,
    rootCertificates: '',
    authorityCertificate: '',
  };
  const backoffs = new JobBackoffs();
  const running = runJobs(parts, backoffs).run({ signal });
  const containers = [{ name: 'main', image: 'job:1' }];
  await client.create(Job, {
    metadata: { name: 'backup', namespace: 'default' },
    spec: { suspend: true, template: { spec: { restartPolicy: 'Never', containers } } },
  });
  for (let step = 0; step < 20 && backoffs.size === 0; step++) await server.clock.advance(100);
  assert.equal(backoffs.size, 1);
  await client.delete(Job, 'backup', { namespace: 'default', propagationPolicy: 'Background' });
  for (let step = 0; step < 20 && backoffs.size > 0; step++) await server.clock.advance(100);
  assert.equal(backoffs.size, 0);
  stopping.abort();
  await running;
});
