import type { KubeconfigEdit } from './edit-kubeconfig.ts';
import type { EditedFields, KubeconfigSection } from './edited-fields.ts';
import { KubeconfigError } from './kubeconfig-error.ts';
import type { Kubeconfig } from './merge-kubeconfigs.ts';

/**
 * The edit that `kubectl config set PROPERTY VALUE` asks for, or `unset PROPERTY` without a value.
 *
 * Shape: a property is `current-context`, or `clusters|users|contexts.NAME.FIELD…`. NAME may hold
 * dots: the longest name that exists counts.
 * Errors: throws `KubeconfigError` (`invalid`) for anything else.
 */
export function propertyEdit(config: Kubeconfig, property: string, value?: string): KubeconfigEdit {
  if (property === 'current-context') {
    if (value === undefined) return { kind: 'unset-current-context' };
    return { kind: 'use-context', name: value };
  }
  const [section = '', ...parts] = property.split('.');
  if (!isSection(section) || parts.length === 0) throw unknownProperty(property);
  const { name, path } = splitName(config[section], parts);
  if (value === undefined) return { kind: 'unset', section, name, path };
  if (path.length === 0) throw unknownProperty(property);
  return { kind: 'set', section, name, fields: nest(path, readValue(path, value)) };
}

function isSection(text: string): text is KubeconfigSection {
  return text === 'clusters' || text === 'users' || text === 'contexts';
}

function splitName(
  entries: ReadonlyMap<string, unknown>,
  parts: readonly string[],
): { name: string; path: readonly string[] } {
  for (let length = parts.length; length > 1; length--) {
    const name = parts.slice(0, length).join('.');
    if (entries.has(name)) return { name, path: parts.slice(length) };
  }
  return { name: parts[0] ?? '', path: parts.slice(1) };
}

const booleanFields = new Set([
  'insecure-skip-tls-verify',
  'disable-compression',
  'provideClusterInfo',
]);

function readValue(path: readonly string[], value: string): string | boolean {
  return booleanFields.has(path.at(-1) ?? '') && /^(true|false)$/.test(value)
    ? value === 'true'
    : value;
}

function nest(path: readonly string[], value: string | boolean): EditedFields {
  const [first = '', ...rest] = path;
  return { [first]: rest.length === 0 ? value : nest(rest, value) };
}

function unknownProperty(property: string): KubeconfigError {
  const message = `unable to parse ${JSON.stringify(property)}: a property is current-context, or clusters, users or contexts with a name and a field, such as contexts.dev.namespace`;
  return new KubeconfigError('invalid', [], { message });
}
