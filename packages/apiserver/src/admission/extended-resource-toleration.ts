import { isExtendedResource } from '@fairway/kind-rules/pods';
import type { Pod } from '@fairway/kinds/core/v1';
import type { ObjectDraft } from '@fairway/protocol';
import type { AdmissionPlugin } from './admission-plugin.ts';

/**
 * Lets a pod that asks for `example.com/device` onto nodes that are tainted with that key, which are kept
 * for such pods. Source: Kubernetes admission, ExtendedResourceToleration.
 */
export const extendedResourceToleration: AdmissionPlugin<Pod> = {
  name: 'ExtendedResourceToleration',
  operations: ['CREATE', 'UPDATE'],
  resources: ['/pods'],
  async admit({ draft }) {
    if (draft?.spec !== undefined) tolerate(draft.spec);
  },
};

function tolerate(spec: NonNullable<ObjectDraft<Pod>['spec']>): void {
  const { initContainers = [], containers = [] } = spec;
  const asked = [...containers, ...initContainers]
    .flatMap(({ resources }) => Object.keys(resources?.requests ?? {}))
    .filter(isExtendedResource);
  const known = spec.tolerations ?? [];
  const missing = [...new Set(asked)]
    .sort()
    .filter(
      (name) =>
        !known.some(
          ({ key, operator, effect, value, tolerationSeconds }) =>
            key === name &&
            operator === 'Exists' &&
            effect === 'NoSchedule' &&
            !value &&
            tolerationSeconds === undefined,
        ),
    );
  if (missing.length === 0) return;
  const added = missing.map((key) => ({ key, operator: 'Exists', effect: 'NoSchedule' }) as const);
  spec.tolerations = [...known, ...added];
}
