import {
  type JsonObject,
  type KubernetesObject,
  isJsonObject,
  parseJson,
  stringifyJson,
} from '@fairway/protocol';
import {
  type FieldSet,
  type VersionedObject,
  appliedFields,
  checkApplied,
  compareFields,
} from '@fairway/schema';

/** Where kubectl keeps what it applied, when it applies without the server's help. */
const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

/** Of all annotations together. */
const annotationBytesMax = 256 * 1024;

/**
 * The fields that kubectl has applied without the server's help and that still have the values that
 * it gave them: these it may take over. Undefined when it left no word of any.
 *
 * Source: kube-apiserver, `lastAppliedManager`.
 */
export function allowedByLastApplied(live: VersionedObject): FieldSet | undefined {
  const { metadata } = live.object as KubernetesObject;
  const config = parse(metadata?.annotations?.[lastApplied] ?? '');
  if (config?.['apiVersion'] !== live.apiVersion) return undefined;
  if (checkApplied(config, live.schema).length > 0) return undefined;
  const { added, modified, removed } = compareFields(config, live.object, live.schema);
  return appliedFields(config, live.schema).difference(modified.union(added).union(removed));
}

function parse(text: string): JsonObject | undefined {
  try {
    const value: unknown = parseJson(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Keeps the annotation true for a kubectl that goes back to applying without the server's help. */
export function refreshLastApplied(object: KubernetesObject, config: JsonObject): KubernetesObject {
  const { metadata } = object;
  if ((metadata?.annotations?.[lastApplied] ?? '') === '') return object;
  const { [lastApplied]: _, ...annotations } = metadata?.annotations ?? {};
  const text = `${stringifyJson(sorted(withoutLastApplied(config)))}\n`;
  const bytes = Object.entries({ ...annotations, [lastApplied]: text })
    .map(([key, value]) => Buffer.byteLength(key) + Buffer.byteLength(value))
    .reduce((sum, each) => sum + each, 0);
  const kept = bytes > annotationBytesMax ? annotations : { ...annotations, [lastApplied]: text };
  return { ...object, metadata: { ...metadata, annotations: kept } };
}

function withoutLastApplied(config: JsonObject): JsonObject {
  const { metadata } = config;
  const annotations = isJsonObject(metadata) ? metadata['annotations'] : undefined;
  if (!isJsonObject(metadata) || !isJsonObject(annotations)) return config;
  const { [lastApplied]: _, ...rest } = annotations;
  return { ...config, metadata: { ...metadata, annotations: rest } };
}

/** With fields in the order in which Go writes a map. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isJsonObject(value)) return value;
  const names = Object.keys(value).sort();
  return Object.fromEntries(names.map((name) => [name, sorted(value[name])]));
}
