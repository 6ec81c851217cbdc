import { kubernetesProtobufParts, stringifyJson } from '@fairway/protocol';
import { protobufTable } from '@fairway/kinds/protobuf';
import { formatYaml } from './encode-value.ts';
import type { Representation } from './representation.ts';

/**
 * Writes a list a few items at a time, so that a long one need not be written in one go. The outcome
 * is what `encodeValue` makes of the whole.
 */
export interface ListWriter {
  /** At least one. */
  add(items: readonly object[]): void;
  finish(): Uint8Array;
}

/** A list without its items, and the field in which they are. */
export interface ListEnvelope {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly itemsField: 'items' | 'rows';
}

export function listWriter(envelope: ListEnvelope, representation: Representation): ListWriter {
  switch (representation.format) {
    case 'json':
      return representation.isPretty ? prettyJsonWriter(envelope) : jsonWriter(envelope);
    case 'yaml':
      return yamlWriter(envelope);
    case 'protobuf':
      return protobufWriter(envelope);
  }
}

function jsonWriter({ fields, itemsField }: ListEnvelope): ListWriter {
  const text = new TextParts(`${stringifyJson(fields).slice(0, -1)},"${itemsField}":[`);
  let isEmpty = true;
  return {
    add(items) {
      text.add(`${isEmpty ? '' : ','}${stringifyJson(items).slice(1, -1)}`);
      isEmpty = false;
    },
    finish: () => text.finish(']}\n'),
  };
}

function prettyJsonWriter({ fields, itemsField }: ListEnvelope): ListWriter {
  const head = stringifyJson(fields, 2).slice(0, -2);
  const text = new TextParts(`${head},\n  "${itemsField}": [`);
  let isEmpty = true;
  return {
    add(items) {
      // Line breaks inside of strings are escaped, so these are all of the layout.
      const indented = stringifyJson(items, 2).slice(1, -2).replaceAll('\n', '\n  ');
      text.add(`${isEmpty ? '' : ','}${indented}`);
      isEmpty = false;
    },
    finish: () => text.finish(isEmpty ? ']\n}\n' : '\n  ]\n}\n'),
  };
}

/** Fields in the order of their names, as a whole value has them. */
function yamlWriter({ fields, itemsField }: ListEnvelope): ListWriter {
  const before: Record<string, unknown> = {};
  const after: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (name < itemsField) before[name] = value;
    else after[name] = value;
  }
  const text = new TextParts(formatYaml(before));
  let isEmpty = true;
  return {
    add(items) {
      const alone = formatYaml({ [itemsField]: items });
      text.add(isEmpty ? alone : alone.slice(`${itemsField}:\n`.length));
      isEmpty = false;
    },
    finish() {
      if (isEmpty) text.add(`${itemsField}: []\n`);
      return text.finish(Object.keys(after).length === 0 ? '' : formatYaml(after));
    },
  };
}

function protobufWriter({ fields, itemsField }: ListEnvelope): ListWriter {
  const body = kubernetesProtobufParts(fields, protobufTable(), { leavesOutWrongValues: true });
  const parts = [body.part(fields)];
  return {
    add: (items) => void parts.push(body.part({ [itemsField]: items })),
    finish: () => body.join(parts),
  };
}

/** A long text as bytes, without ever being one string. */
class TextParts {
  readonly #parts: Uint8Array[];

  constructor(text: string) {
    this.#parts = [Buffer.from(text)];
  }

  add(text: string): void {
    this.#parts.push(Buffer.from(text));
  }

  finish(text: string): Uint8Array {
    this.add(text);
    return Buffer.concat(this.#parts);
  }
}
