import type { Client } from '@fairway/client';
import type { EnvVar } from '@fairway/kinds/core/v1';
import { CommandError } from '../command-error.ts';

/** Variables of containers that are set and taken away. */
export interface VariableChange {
  readonly set: readonly EnvVar[];
  readonly removed: ReadonlySet<string>;
}

/** As the API server allows them. */
const namePattern = /^[-._a-zA-Z][-._a-zA-Z0-9]*$/;

/**
 * Parts words into those that name objects and those that say what changes: `NAME=VALUE`, and `NAME-` for what is
 * taken away. Errors: `CommandError`.
 */
export function readVariableChange(words: readonly string[]): {
  readonly resources: readonly string[];
  readonly change: VariableChange;
} {
  const isChange = (word: string): boolean => word.includes('=') || word.endsWith('-');
  const found = words.findIndex(isChange);
  const first = found < 0 ? words.length : found;
  const late = words.slice(first).find((word) => !isChange(word));
  if (late !== undefined) {
    throw new CommandError(`all resources must be specified before environment changes: ${late}`);
  }
  const set = new Map<string, EnvVar>();
  const removed = new Set<string>();
  for (const word of words.slice(first)) {
    const mark = word.indexOf('=');
    const name = mark < 0 ? word.slice(0, -1) : word.slice(0, mark);
    if (!namePattern.test(name)) {
      throw new CommandError(
        `${JSON.stringify(name)} is not a valid key name: a variable has letters, digits, '_', '-' and '.', and does not start with a digit`,
      );
    }
    if (mark < 0) removed.add(name);
    else set.set(name, { name, value: word.slice(mark + 1) });
  }
  if ([...removed].some((name) => set.has(name))) {
    throw new CommandError(
      'can not both modify and remove the same environment variable in the same command',
    );
  }
  return { resources: words.slice(0, first), change: { set: [...set.values()], removed } };
}

/** Variables that lead to each key of a config map or secret, and how keys had to be changed to be names. */
export async function variablesFrom(
  { client, signal }: { readonly client: Client; readonly signal: AbortSignal },
  source: string,
  { keys, prefix }: { readonly keys: readonly string[]; readonly prefix: string },
): Promise<{ readonly set: readonly EnvVar[]; readonly warnings: readonly string[] }> {
  const [type = '', name = '', ...rest] = source.split('/');
  const isSecret = /^secrets?$/.test(type);
  if (name === '' || rest.length > 0 || !(isSecret || /^(cm|configmaps?)$/.test(type))) {
    throw new CommandError(
      `cannot use --from ${JSON.stringify(source)}: write configmap/NAME or secret/NAME`,
    );
  }
  const { ConfigMap, Secret } = await import('@fairway/kinds/core/v1');
  const { data = {} } = isSecret
    ? await client.get(Secret, name, { signal })
    : await client.get(ConfigMap, name, { signal });
  const warnings: string[] = [];
  const set = Object.keys(data)
    .filter((key) => keys.length === 0 || keys.includes(key))
    .toSorted()
    .map((key): EnvVar => {
      const variable = key.toUpperCase().replaceAll(/[^A-Z0-9_]/g, '_');
      if (variable !== key) warnings.push(`key ${key} transferred to ${variable}`);
      const place = { name, key };
      return {
        name: prefix + variable,
        valueFrom: isSecret ? { secretKeyRef: place } : { configMapKeyRef: place },
      };
    });
  return { set, warnings };
}

/** How a variable is listed. */
export function variableText({ name, value = '', valueFrom }: EnvVar): string {
  if (valueFrom === undefined) return `${name}=${value}`;
  const { configMapKeyRef, secretKeyRef, fieldRef, resourceFieldRef } = valueFrom;
  if (configMapKeyRef !== undefined) {
    return `# ${name} from configmap ${configMapKeyRef.name}, key ${configMapKeyRef.key}`;
  }
  if (secretKeyRef !== undefined) {
    return `# ${name} from secret ${secretKeyRef.name}, key ${secretKeyRef.key}`;
  }
  if (fieldRef !== undefined) return `# ${name} from field path ${fieldRef.fieldPath}`;
  if (resourceFieldRef === undefined) return `# ${name} from somewhere else`;
  const { containerName = '', resource } = resourceFieldRef;
  const container = containerName === '' ? '' : `${containerName}/`;
  return `# ${name} from resource ${container}${resource}`;
}

/**
 * What a strategic merge changes of a container's variables, new ones after those that are there; undefined where they
 * are so already. Errors: `CommandError`.
 */
export function variablesPatch(
  before: readonly EnvVar[],
  { set, removed }: VariableChange,
  { subject, overwrites }: { readonly subject: string; readonly overwrites: boolean },
): object | undefined {
  const patches: object[] = [];
  for (const wanted of set) {
    const found = before.find(({ name }) => name === wanted.name);
    if (found !== undefined && variableText(found) === variableText(wanted)) continue;
    if (found !== undefined && !overwrites) {
      throw new CommandError(
        `${subject} '${wanted.name}' already has a value (${found.value ?? ''}), and --overwrite is false`,
      );
    }
    // What it was from, or was, gives way.
    const cleared = found === undefined ? {} : { value: null, valueFrom: null };
    patches.push({ ...cleared, ...wanted });
  }
  for (const name of removed) {
    if (before.some((each) => each.name === name)) patches.push({ name, $patch: 'delete' });
  }
  if (patches.length === 0) return undefined;
  const names = new Set([...before, ...set].map(({ name }) => name));
  const order = [...names].filter((name) => !removed.has(name)).map((name) => ({ name }));
  return { env: patches, '$setElementOrder/env': order };
}
