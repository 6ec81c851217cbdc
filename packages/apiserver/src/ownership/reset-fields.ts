import { FieldSet, fieldElement } from '@fairway/schema';
import type { ServedResource } from '../registry/served-resource.ts';

const made = new Map<string, FieldSet>();

/** The fields that a write of an object or of a view of it cannot set. */
export function resetFields(resource: ServedResource, subresource: string): FieldSet {
  const paths = resource.strategy.resetFields[subresource] ?? usual(resource, subresource);
  const key = paths.join(' ');
  let fields = made.get(key);
  if (fields === undefined) {
    fields = FieldSet.ofPaths(...paths.map((path) => path.split('.').map(fieldElement)));
    made.set(key, fields);
  }
  return fields;
}

function usual({ subresources }: ServedResource, subresource: string): readonly string[] {
  if (subresource === 'status') return ['spec'];
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
