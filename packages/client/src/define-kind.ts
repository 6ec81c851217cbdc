import type { KubernetesObject, ObjectMeta, ResourceDescriptor } from '@fairway/protocol';

/** An object of a custom resource. */
export interface CustomObject<Spec, Status> extends KubernetesObject {
  readonly metadata?: ObjectMeta;
  readonly spec?: Spec;
  readonly status?: Status;
}

/**
 * Describes a custom resource, so that every call takes it like a built-in kind:
 * `defineKind<CertificateSpec>({ group: 'cert-manager.io', version: 'v1', … })`.
 */
export function defineKind<Spec = unknown, Status = unknown>(resource: {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly isNamespaced: boolean;
}): ResourceDescriptor<CustomObject<Spec, Status>> {
  return resource;
}
