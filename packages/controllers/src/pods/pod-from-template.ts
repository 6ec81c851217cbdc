import type { Pod, PodTemplateSpec } from '@fairway/kinds/core/v1';
import type { DeepReadonly, KubernetesObject, ResourceDescriptor } from '@fairway/protocol';
import { controllerReference } from '@fairway/reconcile';

/**
 * The pod that a template describes, controlled by an owner and in its namespace. Its name is generated
 * from that of the owner.
 */
export function podFromTemplate(
  kind: ResourceDescriptor,
  owner: DeepReadonly<KubernetesObject>,
  template: DeepReadonly<PodTemplateSpec> | undefined,
): DeepReadonly<Pod> {
  const { labels, annotations, finalizers } = template?.metadata ?? {};
  const { name = '', namespace } = owner.metadata ?? {};
  return {
    metadata: {
      generateName: `${name}-`,
      ...(namespace === undefined ? {} : { namespace }),
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
      ...(finalizers === undefined ? {} : { finalizers }),
      ownerReferences: [controllerReference(kind, owner)],
    },
    ...(template?.spec === undefined ? {} : { spec: template.spec }),
  };
}
