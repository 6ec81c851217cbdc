import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readRuntimeConfig } from './runtime-config.ts';

function served(entries: string, ...resources: readonly string[]): readonly string[] {
  const isServed = readRuntimeConfig(entries.split(','));
  return resources.filter((each) => {
    const [plural = '', version = '', group = ''] = each.split('/').reverse();
    return isServed({ group, version, plural });
  });
}

test('readRuntimeConfig() switches versions and resources, the narrower wish first', () => {
  const all = ['v1/pods', 'apps/v1/deployments', 'batch/v1/jobs', 'batch/v1/cronjobs'];
  assert.deepEqual(served('', ...all), all);
  assert.deepEqual(served('api/all=true,api/beta', ...all), all);
  assert.deepEqual(served('apps/v1=false', ...all), [
    'v1/pods',
    'batch/v1/jobs',
    'batch/v1/cronjobs',
  ]);
  assert.deepEqual(served('batch/v1/cronjobs=0', ...all), all.slice(0, 3));
  assert.deepEqual(served('api/all=false,v1=true', ...all), ['v1/pods']);
  assert.deepEqual(served('api/all=false,api/v1=true', ...all), ['v1/pods']);
  assert.deepEqual(served('api/ga=false,v1,batch/v1', ...all), [all[0], all[2], all[3]]);
  assert.deepEqual(served('apps/v1=false,apps/v1=true', ...all), all);
  assert.deepEqual(served('autoscaling/v1=false', 'autoscaling/v1/a', 'autoscaling/v2/a'), [
    'autoscaling/v2/a',
  ]);
});

test('readRuntimeConfig() refuses what does not exist or is not built, and takes off what is not there', () => {
  const refusals: readonly (readonly [string, RegExp])[] = [
    ['foo/v1=true', /"foo\/v1" is no API of Kubernetes 1\.36: write group\/version/],
    ['apps=true', /"apps" is no API/],
    ['apps/v1/pods=false', /"apps\/v1\/pods" is no API/],
    ['apps/v1/deployments/scale=false', /is no API/],
    ['api/legacy=true', /"api\/legacy" is no API/],
    ['apps/v1=yes', /"yes" of apps\/v1 is neither true nor false/],
    ['batch/v2alpha1=true', /batch\/v2alpha1 is not built in Fairway, which has v1 of batch/],
    ['autoscaling/v2beta2=true', /which has v2 and v1 of autoscaling/],
    ['internal.apiserver.k8s.io/v1alpha1=true', /is not built in Fairway/],
    ['api/all=false', /api\/all=false alone would leave nothing/],
    ['v1=false', /no cluster works without the core API; add v1=true/],
    ['api/all=false,apps/v1=true', /add v1=true/],
  ];
  for (const [entries, message] of refusals) {
    assert.throws(() => readRuntimeConfig(entries.split(',')), { name: 'RangeError', message });
  }
  for (const off of ['batch/v1beta1=false', 'internal.apiserver.k8s.io/v1alpha1=false']) {
    assert.deepEqual(served(off, 'batch/v1/jobs'), ['batch/v1/jobs']);
  }
});
