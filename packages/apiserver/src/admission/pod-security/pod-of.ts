import type { Pod, PodTemplateSpec } from '@fairway/kinds/core/v1';
import type { KubernetesObject } from '@fairway/protocol';

interface WithTemplate {
  readonly spec?: { readonly template?: PodTemplateSpec };
}

type TemplateOf = (object: never) => PodTemplateSpec | undefined;

const ofSpec: TemplateOf = ({ spec }: WithTemplate) => spec?.template;

/** Where kinds that make pods have the template. */
const templates: ReadonlyMap<string, TemplateOf> = new Map<string, TemplateOf>([
  ['/podtemplates', ({ template }: { readonly template?: PodTemplateSpec }) => template],
  ['/replicationcontrollers', ofSpec],
  ['apps/daemonsets', ofSpec],
  ['apps/deployments', ofSpec],
  ['apps/replicasets', ofSpec],
  ['apps/statefulsets', ofSpec],
  [
    'batch/cronjobs',
    ({ spec }: { readonly spec?: { readonly jobTemplate?: WithTemplate } }) =>
      spec?.jobTemplate?.spec?.template,
  ],
  ['batch/jobs', ofSpec],
]);

/** `group/plural` of the kinds that make pods. */
export const podMakers: readonly string[] = [...templates.keys()];

/** The pod that an object is, or that it makes; undefined where it makes none. */
export function podOf(
  { group, plural }: { readonly group: string; readonly plural: string },
  object: KubernetesObject,
): Pick<Pod, 'metadata' | 'spec'> | undefined {
  const templateOf = templates.get(`${group}/${plural}`);
  return templateOf === undefined ? (object as Pod) : templateOf(object as never);
}
