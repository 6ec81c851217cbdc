import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Draft, KubernetesObject, ObjectDraft } from '@fairway/protocol';
import type { PodSpec } from '@fairway/kinds/core/v1';

import { allKindRules } from '../all-kind-rules.ts';

type Spec = Draft<PodSpec>;

const holders: Readonly<Record<string, (spec: Spec) => object>> = {
  '/pods': (spec) => ({ spec }),
  '/podtemplates': (spec) => ({ template: { spec } }),
  '/replicationcontrollers': (spec) => ({ spec: { template: { spec } } }),
  'apps/daemonsets': (spec) => ({ spec: { template: { spec } } }),
  'apps/deployments': (spec) => ({ spec: { template: { spec } } }),
  'apps/replicasets': (spec) => ({ spec: { template: { spec } } }),
  'apps/statefulsets': (spec) => ({ spec: { template: { spec } } }),
  'batch/jobs': (spec) => ({ spec: { template: { spec } } }),
  'batch/cronjobs': (spec) => ({ spec: { jobTemplate: { spec: { template: { spec } } } } }),
};

/** A volume of three sources, two of which Kubernetes has not switched on. */
function newSpec(): Spec {
  const sources = [
    { clusterTrustBundle: { name: 'c', path: 'x' } },
    { podCertificate: { signerName: 'a.b/c', keyType: 'ED25519' } },
    { secret: { name: 's' } },
  ];
  return { volumes: [{ name: 'v', projected: { sources } }] };
}

for (const [name, holderOf] of Object.entries(holders)) {
  test(`a write of ${name} drops what is off in Kubernetes, and keeps what is stored`, () => {
    const rules = allKindRules.get(name);
    const made = holderOf(newSpec()) as ObjectDraft<KubernetesObject>;
    rules?.prepareForCreate?.(made, () => {});
    assert.doesNotMatch(JSON.stringify(made), /clusterTrustBundle|podCertificate/);
    assert.match(JSON.stringify(made), /"sources":\[{},{},{"secret"/);
    const changed = holderOf(newSpec()) as ObjectDraft<KubernetesObject>;
    rules?.prepareForUpdate?.(changed, holderOf(newSpec()) as ObjectDraft<KubernetesObject>);
    assert.match(JSON.stringify(changed), /clusterTrustBundle.*podCertificate/);
    const widened = holderOf(newSpec()) as ObjectDraft<KubernetesObject>;
    rules?.prepareForUpdate?.(widened, holderOf({}) as ObjectDraft<KubernetesObject>);
    assert.doesNotMatch(JSON.stringify(widened), /clusterTrustBundle|podCertificate/);
  });
}
