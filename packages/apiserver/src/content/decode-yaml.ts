import type { Node } from 'yaml';
import { loadYaml } from './load-yaml.ts';
import { ExcessiveYaml, mayHaveLongIntegers, parseYaml } from './parse-yaml.ts';
import { yamlProblem } from './yaml-problem.ts';

/** What `decodeYaml` made of bytes. */
export type DecodedYaml =
  | {
      readonly kind: 'decoded';
      readonly json: string;
      /** Keys that come again in one map, in the words of the API; the last one counts. */
      readonly duplicateKeys: readonly string[];
    }
  | { readonly kind: 'malformed' | 'too large'; readonly problem: string };

/** Bounds of YAML. YAML takes far longer to read than JSON, and real documents are far smaller. */
export interface YamlLimits {
  readonly bytesMax: number;
  /** Fields and elements, where every reference counts as what it refers to. */
  readonly valuesMax: number;
  /** Fields of one map. */
  readonly fieldsMax: number;
  /** What comes out of it, as JSON. */
  readonly jsonBytesMax: number;
}

/** References that one document may follow before it counts as an attack by expansion. */
const aliasCountMax = 100;

const depthMax = 1_000;

/** Decodes YAML as Kubernetes does: YAML 1.1 scalars, one document, timestamps stay text. */
export function decodeYaml(bytes: Uint8Array, limits: YamlLimits): DecodedYaml {
  if (bytes.length > limits.bytesMax) {
    return { kind: 'malformed', problem: `more than ${limits.bytesMax} bytes; send it as JSON` };
  }
  const text = Buffer.from(bytes).toString();
  try {
    const document = parseYaml(text, { valuesMax: limits.valuesMax, depthMax });
    const problem = yamlProblem(document, text);
    if (problem !== undefined) return { kind: 'malformed', problem };
    const value: unknown = document.toJS({ maxAliasCount: aliasCountMax });
    const excess = excessOf(value, limits);
    if (excess !== undefined) return excess;
    const json =
      JSON.stringify(value, mayHaveLongIntegers(text) ? writeDigits : undefined) ?? 'null';
    return { kind: 'decoded', json, duplicateKeys: duplicatesIn(document.contents, text) };
  } catch (error) {
    if (error instanceof ExcessiveYaml) return { kind: error.kind, problem: error.message };
    if (!(error instanceof Error)) throw error;
    // The library throws what it finds when values are made: aliases of nothing, merges of no map.
    return { kind: 'malformed', problem: error.message };
  }
}

const { rawJSON } = JSON as unknown as { readonly rawJSON: (text: string) => unknown };

/** As `stringifyJson` does, which the thread that reads long texts would have to load. */
function writeDigits(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? rawJSON(String(value)) : value;
}

/** Says what there is too much of, before each reference becomes a copy of what it refers to. */
function excessOf(root: unknown, limits: YamlLimits): DecodedYaml | undefined {
  const { valuesMax, fieldsMax, jsonBytesMax } = limits;
  let [valuesLeft, bytesLeft, isWide] = [valuesMax, jsonBytesMax, false];
  let unsupported: number | undefined;
  const isWithin = (value: unknown, depth: number): boolean => {
    if (typeof value === 'string') bytesLeft -= value.length;
    if (typeof value === 'number' && !Number.isFinite(value)) unsupported ??= value;
    if (typeof value !== 'object' || value === null) return bytesLeft >= 0;
    if (depth === 0) return false;
    // Binary data and the like, which no field of Kubernetes takes.
    const children = ArrayBuffer.isView(value) ? [] : Object.entries(value);
    valuesLeft -= children.length;
    isWide ||= !Array.isArray(value) && children.length > fieldsMax;
    if (valuesLeft < 0 || isWide) return false;
    return children.every(([key, child]) => {
      bytesLeft -= key.length;
      return isWithin(child, depth - 1);
    });
  };
  if (isWithin(root, depthMax)) {
    if (unsupported === undefined) return undefined;
    const name = Number.isNaN(unsupported) ? 'NaN' : unsupported < 0 ? '-Inf' : '+Inf';
    return { kind: 'malformed', problem: `json: unsupported value: ${name}` };
  }
  if (isWide) return { kind: 'too large', problem: `more than ${fieldsMax} fields in one object` };
  if (valuesLeft < 0)
    return { kind: 'too large', problem: `more than ${valuesMax} fields and elements` };
  if (bytesLeft < 0)
    return { kind: 'too large', problem: `more than ${jsonBytesMax} bytes as JSON` };
  return { kind: 'malformed', problem: 'exceeded max depth' };
}

/** As many as the API reports. */
const duplicateKeysMax = 100;

function duplicatesIn(root: Node | null, text: string): string[] {
  const { isMap, isNode, isScalar, isSeq } = loadYaml();
  const found: string[] = [];
  const visit = (node: Node): void => {
    if (isSeq(node)) for (const item of node.items) if (isNode(item)) visit(item);
    if (!isMap(node)) return;
    const seen = new Set<string>();
    for (const { key, value } of node.items) {
      if (found.length >= duplicateKeysMax) return;
      const name = isScalar(key) ? String(key.value) : '';
      if (seen.has(name) && name !== '<<') {
        const [start = 0] = (isNode(key) && key.range) || [];
        const line = text.slice(0, start).split('\n').length;
        found.push(`line ${line}: key ${JSON.stringify(name)} already set in map`);
      }
      seen.add(name);
      if (isNode(value)) visit(value);
    }
  };
  if (root !== null) visit(root);
  return found;
}
