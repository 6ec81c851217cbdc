import {
  type HttpHeaders,
  type HttpResponse,
  encodeKubernetesProtobuf,
  parseJson,
  stringifyJson,
} from '@fairway/protocol';
import { protobufTable } from '@fairway/kinds/protobuf';
import { asBuffer } from '../storage/object-bytes.ts';
import type { Representation } from './representation.ts';
import { loadYaml } from './load-yaml.ts';
import { scalarsWritten } from './yaml-scalars.ts';

/** The bytes of one value, which is not stored, in the encoding that was chosen. */
export function encodeValue(value: object, representation: Representation): Uint8Array {
  switch (representation.format) {
    case 'json':
      return Buffer.from(`${stringifyJson(value, representation.isPretty ? 2 : 0)}\n`);
    case 'yaml':
      return Buffer.from(formatYaml(value));
    case 'protobuf':
      return encodeKubernetesProtobuf(value, protobufTable(), { leavesOutWrongValues: true });
  }
}

/** The same for a value that is JSON already. */
export function encodeJsonBytes(json: Uint8Array, representation: Representation): Uint8Array {
  if (representation.format === 'json' && !representation.isPretty) {
    return Buffer.concat([json, newline]);
  }
  return encodeValue(parseJson(asBuffer(json).toString()) as object, representation);
}

export function respond(
  status: number,
  body: HttpResponse['body'],
  representation: Pick<Representation, 'format'>,
): HttpResponse {
  return { status, headers: headersFor(representation), body };
}

const newline = Buffer.from('\n');

const mediaTypes: Readonly<Record<Representation['format'], string>> = {
  json: 'application/json',
  yaml: 'application/yaml',
  protobuf: 'application/vnd.kubernetes.protobuf',
};

function headersFor(representation: Pick<Representation, 'format'>): HttpHeaders {
  return {
    'cache-control': 'no-cache, private',
    'content-type': mediaTypes[representation.format],
  };
}

/** A value as YAML, its fields in the order of their names. */
export function formatYaml(value: object): string {
  return loadYaml().stringify(value, {
    customTags: scalarsWritten,
    indentSeq: false,
    sortMapEntries: true,
    version: '1.1',
    lineWidth: 0,
    aliasDuplicateObjects: false,
  });
}
