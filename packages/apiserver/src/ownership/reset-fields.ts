import { FieldSet, fieldElement } from '@fairway/schema';
import type { ServedResource } from '../registry/served-resource.ts';

/**
 * What a write cannot set, by resource and subresource, where it is not as usual: on the object
 * itself the status, on the status the spec. Nobody owns these for having sent them.
 *
 * Source: `GetResetFields` of the strategies in kube-apiserver.
 */
const resetPaths: ReadonlyMap<string, readonly string[]> = new Map([
  ['apps/deployments/status', ['spec', 'metadata.labels']],
  ['/pods/status', ['spec', 'metadata.deletionTimestamp', 'metadata.ownerReferences']],
  ['certificates.k8s.io/certificatesigningrequests/status', ['spec', 'status.conditions']],
  ['certificates.k8s.io/certificatesigningrequests/approval', ['spec', 'status.certificate']],
  ['apiextensions.k8s.io/customresourcedefinitions/status', ['spec', 'metadata']],
]);

const ofCustomResources = ['spec', 'metadata'];

const made = new Map<string, FieldSet>();

/** The fields that a write of an object or of a view of it cannot set. */
export function resetFields(resource: ServedResource, subresource: string): FieldSet {
  const { group, plural, isBuiltIn } = resource;
  const name = subresource === '' ? `${group}/${plural}` : `${group}/${plural}/${subresource}`;
  const paths = resetPaths.get(name) ?? usual(resource, subresource, isBuiltIn);
  const key = paths.join(' ');
  let fields = made.get(key);
  if (fields === undefined) {
    fields = FieldSet.ofPaths(...paths.map((path) => path.split('.').map(fieldElement)));
    made.set(key, fields);
  }
  return fields;
}

function usual(
  { subresources }: ServedResource,
  subresource: string,
  isBuiltIn: boolean,
): readonly string[] {
  if (subresource === 'status') return isBuiltIn ? ['spec'] : ofCustomResources;
  return subresource === '' && subresources.has('status') ? ['status'] : [];
}

/** What nobody owns: what an object is, and what the server says of it. */
export const unownedFields: FieldSet = FieldSet.ofPaths(
  ...['apiVersion', 'kind', 'metadata'].map((name) => [fieldElement(name)]),
  ...[
    'name',
    'namespace',
    'creationTimestamp',
    'selfLink',
    'uid',
    'clusterName',
    'generation',
    'managedFields',
    'resourceVersion',
  ].map((name) => [fieldElement('metadata'), fieldElement(name)]),
);
