import {
  type KubernetesObject,
  type ObjectMeta,
  parseJson,
  stringifyJson,
} from '@fairway/protocol';
import { managedFieldsText, parseObject } from './managed-fields-text.ts';

/**
 * An object is kept as the JSON that goes on the wire, without its resourceVersion, which only the
 * commit knows. The bytes always begin `{"kind":…,"apiVersion":…,"metadata":{"name":…,"uid":"…",`,
 * so that the version can be put in, and kind and apiVersion left out, without parsing.
 */
export function encodeForStore(object: KubernetesObject): Uint8Array {
  const { kind, apiVersion, metadata = {}, ...rest } = object;
  const inMetadata = `"metadata":{${metadataMembers(metadata)}}`;
  return Buffer.from(`{${joined(membersOf({ kind, apiVersion }), inMetadata, membersOf(rest))}}`);
}

/** Managed fields apart from the others, since most of them is text already. */
function metadataMembers(metadata: ObjectMeta): string {
  const known: Record<string, unknown> = {};
  for (const field of metadataOrder) known[field] = metadata[field];
  const { managedFields } = metadata;
  const owners =
    managedFields === undefined ? '' : `"managedFields":${managedFieldsText(managedFields)}`;
  const others = Object.entries(metadata).filter(([field]) => !knownMetadata.has(field));
  return joined(
    membersOf(known),
    owners,
    others.length === 0 ? '' : membersOf(Object.fromEntries(others)),
  );
}

/**
 * The same for an object that was stored so and then converted: its metadata is in order, and has its
 * resourceVersion.
 */
export function encodeConverted(object: KubernetesObject): Uint8Array {
  const [first, second, third] = Object.keys(object);
  if (first === 'kind' && second === 'apiVersion' && third === 'metadata') {
    return Buffer.from(stringifyJson(object));
  }
  const { kind, apiVersion, metadata, ...rest } = object;
  // As text, since a field that looks like a number would come first.
  const head = membersOf({ kind, apiVersion, metadata });
  return Buffer.from(`{${joined(head, membersOf(rest))}}`);
}

/** The JSON of an object without its braces. */
function membersOf(object: object): string {
  return stringifyJson(object).slice(1, -1);
}

/** As text: an object of JavaScript puts fields that look like numbers before all others. */
function joined(...members: readonly string[]): string {
  // Put together by `+`, which copies nothing until the whole becomes bytes.
  return members.reduce((text, more) =>
    text === '' || more === '' ? text + more : `${text},${more}`,
  );
}

/** As in the messages of the API, so that equal objects are equal bytes; managed fields come last. */
const metadataOrder = [
  'name',
  'generateName',
  'namespace',
  'uid',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'labels',
  'annotations',
  'ownerReferences',
  'finalizers',
] as const;

/** What stands behind the labels, and need not be looked through to see that there are none. */
const behindLabels: ReadonlySet<string> = new Set([
  ...metadataOrder.slice(metadataOrder.indexOf('labels') + 1),
  'managedFields',
]);

/** All that has its place, and the one that only the commit knows. */
const knownMetadata: ReadonlySet<string> = new Set([
  ...metadataOrder,
  'managedFields',
  'resourceVersion',
]);

const uidMark = Buffer.from('"uid":"');
const versionMark = Buffer.from('"resourceVersion":"');

/** Puts the resourceVersion behind the uid. The `Stamp` of every store that an API server uses. */
export function stampResourceVersion(value: Uint8Array, revision: number): Uint8Array {
  const bytes = asBuffer(value);
  // Names hold no raw quotes, so the first match is metadata.uid, which every stored object has.
  const mark = bytes.indexOf(uidMark);
  if (mark < 0) return value;
  const at = bytes.indexOf(0x22, mark + uidMark.length) + 1;
  const isStamped = bytes.subarray(at + 1, at + 1 + versionMark.length).equals(versionMark);
  const end = isStamped ? bytes.indexOf(0x22, at + 1 + versionMark.length) + 1 : at;
  const stamp = Buffer.from(`,"resourceVersion":"${revision}"`);
  // Not from Node's pool: the store keeps these bytes, and with them all that they are part of.
  const stamped = Buffer.allocUnsafeSlow(at + stamp.length + bytes.length - end);
  bytes.copy(stamped, 0, 0, at);
  stamp.copy(stamped, at);
  bytes.copy(stamped, at + stamp.length, end);
  return stamped;
}

/** Who reads `managedFields` of it finds them; most do not, and these are left as text until then. */
export function decodeStored(value: Uint8Array): KubernetesObject {
  return parseObject(asBuffer(value).toString());
}

const metadataMark = Buffer.from('"metadata":{');

/** The JSON of the metadata alone, which is a fraction of the object. */
export function storedMetadata(value: Uint8Array): Buffer {
  const bytes = asBuffer(value);
  const start = bytes.indexOf(metadataMark) + metadataMark.length - 1;
  return bytes.subarray(start, endOfValue(bytes, start));
}

export function decodeStoredMetadata(value: Uint8Array): ObjectMeta {
  return parseJson(storedMetadata(value).toString()) as ObjectMeta;
}

/** Reads the labels alone: selectors need no more, and annotations can be large. */
export function decodeStoredLabels(value: Uint8Array): Readonly<Record<string, string>> {
  const bytes = asBuffer(value);
  let at = bytes.indexOf(metadataMark) + metadataMark.length;
  while (bytes[at] === 0x22) {
    const nameEnd = endOfString(bytes, at);
    const name = bytes.toString('utf8', at + 1, nameEnd);
    if (behindLabels.has(name)) break;
    const valueStart = nameEnd + 2;
    const valueEnd = endOfValue(bytes, valueStart);
    if (name === 'labels') {
      return JSON.parse(bytes.toString('utf8', valueStart, valueEnd)) as Record<string, string>;
    }
    at = valueEnd + 1;
  }
  return {};
}

/** Behind a value of JSON without spaces that begins at `start`. */
function endOfValue(bytes: Uint8Array, start: number): number {
  if (bytes[start] === 0x22) return endOfString(bytes, start) + 1;
  let depth = 0;
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === 0x22) at = endOfString(bytes, at);
    else if (byte === 0x7b || byte === 0x5b) depth++;
    else if (byte === 0x7d || byte === 0x5d) {
      if (depth === 0) return at;
      if (--depth === 0) return at + 1;
    } else if (byte === 0x2c && depth === 0) return at;
  }
  return bytes.length;
}

function endOfString(bytes: Uint8Array, start: number): number {
  for (let at = start + 1; at < bytes.length; at++) {
    if (bytes[at] === 0x5c) at++;
    else if (bytes[at] === 0x22) return at;
  }
  return bytes.length;
}

/** Where an item of a typed list begins: behind `{"kind":…,"apiVersion":…,`, which it leaves out. */
export function itemOffset(resource: { readonly kind: string }, apiVersion: string): number {
  return Buffer.byteLength(
    `{"kind":${JSON.stringify(resource.kind)},"apiVersion":"${apiVersion}",`,
  );
}

export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
