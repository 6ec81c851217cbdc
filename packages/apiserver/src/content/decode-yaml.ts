import type { Node } from 'yaml';
import { loadYaml } from './load-yaml.ts';

/** What `decodeYaml` made of bytes. */
export type DecodedYaml =
  | {
      readonly kind: 'decoded';
      /** Fresh: nobody else holds it. */
      readonly value: unknown;
      readonly duplicateFields: readonly string[];
    }
  | { readonly kind: 'malformed'; readonly problem: string };

/** References that one document may follow before it counts as an attack by expansion. */
const aliasCountMax = 100;

/** YAML takes far longer to read than JSON, and nobody writes that much of it. */
const bytesMax = 1024 * 1024;

/** Decodes YAML as Kubernetes does: YAML 1.1 scalars, one document, timestamps stay text. */
export function decodeYaml(bytes: Uint8Array): DecodedYaml {
  if (bytes.length > bytesMax) {
    return { kind: 'malformed', problem: `more than ${bytesMax} bytes; send it as JSON` };
  }
  const document = loadYaml().parseDocument(Buffer.from(bytes).toString(), {
    version: '1.1',
    merge: true,
    uniqueKeys: false,
    customTags: (tags) =>
      tags.filter((tag) => typeof tag === 'string' || !tag.tag.endsWith(':timestamp')),
  });
  const [problem] = document.errors;
  if (problem !== undefined) return { kind: 'malformed', problem: problem.message };
  try {
    const value = withoutSharing(document.toJS({ maxAliasCount: aliasCountMax }), bytes);
    if (value === undefined) return { kind: 'malformed', problem: 'an anchor contains itself' };
    return { kind: 'decoded', value, duplicateFields: duplicatesIn(document.contents, '') };
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    return { kind: 'malformed', problem: error.message };
  }
}

/**
 * What an anchor names becomes an object of its own at each place that refers to it, so that a
 * change at one place stays there; undefined when it refers to itself.
 */
function withoutSharing(value: unknown, bytes: Uint8Array): unknown {
  if (!bytes.includes(ampersand)) return value;
  try {
    return JSON.parse(JSON.stringify(value) ?? 'null');
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

const ampersand = 0x26;

/** Paths of fields that come twice in one map; the last one counts. */
function duplicatesIn(node: Node | null, path: string): string[] {
  const { isMap, isNode, isScalar, isSeq } = loadYaml();
  if (isSeq(node)) {
    return node.items.flatMap((item, at) =>
      isNode(item) ? duplicatesIn(item, `${path}[${at}]`) : [],
    );
  }
  if (!isMap(node)) return [];
  const seen = new Set<string>();
  return node.items.flatMap(({ key, value }) => {
    const name = isScalar(key) ? String(key.value) : '';
    const field = path === '' ? name : `${path}.${name}`;
    const isRepeated = seen.has(name) && name !== '<<';
    seen.add(name);
    return [...(isRepeated ? [field] : []), ...(isNode(value) ? duplicatesIn(value, field) : [])];
  });
}
