import { type ProtobufField, ProtobufTable } from '@fairway/protocol';

import { protobufJson } from './generated/protobuf-data.ts';

/** What the generated file holds; `tools/generate-kinds/write-protobuf.ts` says how fields are written. */
interface EncodedTable {
  /** Group version → package. */
  readonly packages: Readonly<Record<string, string>>;
  /** Message → its fields. */
  readonly messages: Readonly<Record<string, string>>;
}

/** The codecs of the built-in kinds. They are opened on first use and then shared. */
export function protobufTable(): ProtobufTable {
  return (opened ??= openTable());
}

// A cache of generated constants, not state: nothing a caller does changes what it holds.
let opened: ProtobufTable | undefined;

function openTable(): ProtobufTable {
  const { packages, messages } = JSON.parse(protobufJson) as EncodedTable;
  const isMessage = (name: string): boolean => Object.hasOwn(messages, name);
  return new ProtobufTable({
    fieldsOf: (message) => (isMessage(message) ? decodeFields(messages[message] ?? '') : undefined),
    messageOf: (apiVersion, kind) => {
      const inPackage = Object.hasOwn(packages, apiVersion) ? packages[apiVersion] : undefined;
      if (inPackage === undefined) return undefined;
      // `DeleteOptions`, `Status` and their like belong to every group.
      return [`${inPackage}.${kind}`, `${packages['meta.k8s.io/v1']}.${kind}`].find(isMessage);
    },
  });
}

function decodeFields(text: string): ProtobufField[] {
  const fields: ProtobufField[] = [];
  for (const [, name = '', number, type = '', mark] of text.matchAll(fieldPattern)) {
    fields.push({
      name,
      number: Number(number),
      type,
      isInline: mark === '&',
      keepsZero: mark === '!',
    });
  }
  return fields;
}

const fieldPattern = /([^:,]+):(\d+):((?:map<[^>]*>|[^,!&])+)([!&]?)(?:,|$)/g;
