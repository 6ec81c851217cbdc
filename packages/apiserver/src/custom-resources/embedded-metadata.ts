import {
  type FieldError,
  type KubernetesObject,
  type Schema,
  checkDnsLabel,
  checkPathSegment,
  invalidValue,
  isJsonObject,
} from '@fairway/protocol';
import { validateObjectMeta } from '@fairway/kind-rules';

/**
 * What is wrong with the metadata of objects within an object. Their names are optional, and may be
 * any that a path can hold. Source: apiextensions, `schema/objectmeta`.
 */
export function embeddedMetadataErrors(object: object, schema: Schema): readonly FieldError[] {
  return holdsObjects(schema) ? [...errorsIn({ value: object, path: '' }, schema)] : [];
}

const known = new WeakMap<Schema, boolean>();

/** Whether a schema has objects within objects; looked up once for each part of it. */
function holdsObjects(schema: Schema): boolean {
  const before = known.get(schema);
  if (before !== undefined) return before;
  const { properties, items, additionalProperties } = schema;
  const children = [...(properties?.values() ?? []), items, additionalProperties];
  const holds = children.some(
    (child) => child !== undefined && (child.isEmbeddedResource === true || holdsObjects(child)),
  );
  known.set(schema, holds);
  return holds;
}

interface Placed {
  readonly value: unknown;
  readonly path: string;
}

function* errorsIn({ value, path }: Placed, schema: Schema): Generator<FieldError> {
  if (schema.isEmbeddedResource === true && path !== '') yield* metadataErrors(value, path);
  if (!holdsObjects(schema)) return;
  if (Array.isArray(value)) {
    const { items = {} } = schema;
    for (const [index, item] of value.entries()) {
      yield* errorsIn({ value: item, path: `${path}[${index}]` }, items);
    }
  } else if (isJsonObject(value)) {
    for (const [field, each] of Object.entries(value)) {
      const child = schema.properties?.get(field) ?? schema.additionalProperties;
      const placed = { value: each, path: path === '' ? field : `${path}.${field}` };
      if (child !== undefined) yield* errorsIn(placed, child);
    }
  }
}

function* metadataErrors(value: unknown, path: string): Generator<FieldError> {
  const { metadata } = (value ?? {}) as KubernetesObject;
  if (metadata === undefined) return;
  const named = { metadata: { ...metadata, name: metadata.name ?? 'unnamed' } };
  const scope = {
    isNamespaced: metadata.namespace !== undefined,
    checkName: checkPathSegment,
    allowsPlainFinalizers: true,
  };
  const wrong = metadata.namespace === undefined ? undefined : checkDnsLabel(metadata.namespace);
  if (wrong !== undefined) {
    yield invalidValue(`${path}.metadata.namespace`, metadata.namespace, wrong);
  }
  for (const error of validateObjectMeta(named as KubernetesObject, scope)) {
    yield { ...error, field: `${path}.${error.field}` };
  }
}
