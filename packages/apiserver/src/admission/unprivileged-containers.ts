import type { PodSpec } from '@fairway/kinds/core/v1';
import { type FieldError, forbiddenField, invalid } from '@fairway/protocol';
import type { AdmissionPlugin } from './admission-plugin.ts';

/** Where the kinds that have containers keep them. */
const specPaths: Readonly<Record<string, string>> = {
  '/pods': 'spec',
  '/pods/ephemeralcontainers': 'spec',
  '/podtemplates': 'template.spec',
  '/replicationcontrollers': 'spec.template.spec',
  'apps/daemonsets': 'spec.template.spec',
  'apps/deployments': 'spec.template.spec',
  'apps/replicasets': 'spec.template.spec',
  'apps/statefulsets': 'spec.template.spec',
  'batch/cronjobs': 'spec.jobTemplate.spec.template.spec',
  'batch/jobs': 'spec.template.spec',
};

/**
 * Refuses privileged containers, as validation does on a kube-apiserver with `--allow-privileged=false`.
 *
 * Errors: Invalid, with each of them.
 */
export const unprivilegedContainers: AdmissionPlugin = {
  name: 'UnprivilegedContainers',
  operations: ['CREATE', 'UPDATE'],
  resources: Object.keys(specPaths),
  async validate({ object, resource, name }) {
    const path = specPaths[`${resource.group}/${resource.plural}`] ?? 'spec';
    const errors = privilegedContainers(specAt(object, path), path);
    if (errors.length > 0) throw invalid({ ...resource, name }, errors);
  },
};

const lists = ['initContainers', 'containers', 'ephemeralContainers'] as const;

function privilegedContainers(spec: PodSpec | undefined, path: string): readonly FieldError[] {
  return lists.flatMap((list) =>
    (spec?.[list] ?? []).flatMap(({ securityContext }, at) => {
      if (securityContext?.privileged !== true) return [];
      const field = `${path}.${list}[${at}].securityContext.privileged`;
      return [forbiddenField(field, 'disallowed by cluster policy')];
    }),
  );
}

function specAt(object: unknown, path: string): PodSpec | undefined {
  let found = object;
  for (const field of path.split('.'))
    found = (found as Record<string, unknown> | undefined)?.[field];
  return found as PodSpec | undefined;
}
