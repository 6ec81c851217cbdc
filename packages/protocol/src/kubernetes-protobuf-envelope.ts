import { type ProtobufReader, wireTypes } from './protobuf-reader.ts';
import { readNested, writeNested } from './protobuf-json-forms.ts';
import type { ProtobufWriter } from './protobuf-writer.ts';

/** `k8s` and a zero byte: what every Kubernetes protobuf body begins with. */
export const kubernetesMagic: readonly number[] = [0x6b, 0x38, 0x73, 0x00];

/** What `runtime.Unknown` says about the object it carries. */
export interface Envelope {
  readonly apiVersion: string;
  readonly kind: string;
  readonly raw: Uint8Array;
}

/** Reads the magic bytes and the `runtime.Unknown` behind them. */
export function readEnvelope(reader: ProtobufReader): Envelope {
  if (!kubernetesMagic.every((byte, index) => reader.bytes[index] === byte)) {
    reader.fail('not-kubernetes-protobuf', 'body does not begin with "k8s" and a zero byte');
  }
  reader.position = kubernetesMagic.length;
  let type = { apiVersion: '', kind: '' };
  let raw: Uint8Array = new Uint8Array();
  while (reader.position < reader.end) {
    const tag = reader.tag();
    const isBytes = (tag & 7) === wireTypes.bytes;
    if (isBytes && tag >>> 3 === 1) type = readTypeMeta(reader);
    else if (isBytes && tag >>> 3 === 2) raw = reader.bytesField();
    else if (isBytes && tag >>> 3 === 3) {
      const encoding = reader.string();
      if (encoding !== '') reader.fail('malformed', `content encoding "${encoding}"`);
    } else reader.skip(tag & 7);
  }
  return { ...type, raw };
}

/** Writes an envelope whose `raw` is what `writeObject` writes. */
export function writeEnvelope(
  writer: ProtobufWriter,
  type: { readonly apiVersion: string; readonly kind: string },
  writeObject: () => void,
): void {
  for (const fieldNumber of [4, 3]) {
    writer.string('');
    writer.tag(fieldNumber, wireTypes.bytes);
  }
  writeNested(writer, writeObject);
  writer.tag(2, wireTypes.bytes);
  writeNested(writer, () => {
    writer.string(type.kind);
    writer.tag(2, wireTypes.bytes);
    writer.string(type.apiVersion);
    writer.tag(1, wireTypes.bytes);
  });
  writer.tag(1, wireTypes.bytes);
  writer.raw(Uint8Array.from(kubernetesMagic));
}

function readTypeMeta(reader: ProtobufReader): { apiVersion: string; kind: string } {
  const type = { apiVersion: '', kind: '' };
  readNested(reader, 'typeMeta', (fieldNumber, wireType) => {
    if (wireType !== wireTypes.bytes || fieldNumber > 2) return false;
    type[fieldNumber === 1 ? 'apiVersion' : 'kind'] = reader.string();
    return true;
  });
  return type;
}
