import { type ResourceDescriptor, formatResourcePath } from '@fairway/protocol';
import type { NamespaceOption, SelectOptions } from './call-options.ts';

/** Which object, or which part of it, a call is about. */
export interface ObjectSubject {
  readonly kind: ResourceDescriptor;
  readonly name: string;
  readonly subresource?: string | undefined;
}

/** The namespace of calls that do not name one. */
export interface NamespaceContext {
  readonly namespace: string;
}

/**
 * The path of one object, never that of its collection.
 *
 * Every call that names an object gets its path here, so a name that is missing (a JavaScript
 * caller, a `metadata!.name!`) can not turn "this one" into "all of them".
 *
 * Errors: `TypeError` for a name or namespace that is no text, or empty; a BadRequest `ApiError`
 * for one that would lead elsewhere.
 */
export function objectPath(
  context: NamespaceContext,
  { kind, name, subresource }: ObjectSubject,
  options: NamespaceOption,
): string {
  requireKind(kind);
  const namespace = namespaceOf(context, kind, options);
  return formatResourcePath(kind, {
    ...(namespace === undefined ? {} : { namespace }),
    name: requireText(name, `the name of a ${kind.kind}`),
    ...(subresource === undefined ? {} : { subresource }),
  });
}

/** The path of a collection, in one namespace or in all of them. Errors: as `objectPath`. */
export function collectionPath(
  context: NamespaceContext,
  kind: ResourceDescriptor,
  options: SelectOptions,
): string {
  requireKind(kind);
  const namespace = namespaceOfAll(context, kind, options);
  return formatResourcePath(kind, namespace === undefined ? {} : { namespace });
}

/**
 * The namespace of a call: its own, else the client's. One that is given but undefined is refused:
 * its caller meant another one than the client's.
 */
export function requireNamespace(context: NamespaceContext, options: NamespaceOption): string {
  const { namespace } = 'namespace' in options ? options : context;
  return requireText(namespace, 'the namespace of a call');
}

/** Errors: `TypeError` unless `value` is a text with something in it. */
export function requireText(value: unknown, what: string): string {
  if (typeof value === 'string' && value !== '') return value;
  throw new TypeError(`${what} must be a text that is not empty, and not ${describe(value)}`);
}

function namespaceOf(
  context: NamespaceContext,
  kind: ResourceDescriptor,
  options: NamespaceOption,
): string | undefined {
  return kind.isNamespaced ? requireNamespace(context, options) : undefined;
}

function namespaceOfAll(
  context: NamespaceContext,
  kind: ResourceDescriptor,
  options: SelectOptions,
): string | undefined {
  if (options.allNamespaces !== true) return namespaceOf(context, kind, options);
  if (options.namespace === undefined) return undefined;
  throw new TypeError(
    `${kind.plural} in all namespaces and in "${options.namespace}" at once: leave out one of "namespace" and "allNamespaces"`,
  );
}

function requireKind(kind: unknown): void {
  if (typeof (kind as Partial<ResourceDescriptor> | undefined)?.plural === 'string') return;
  throw new TypeError(`a call needs a kind, such as ConfigMap, and not ${describe(kind)}`);
}

function describe(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}
