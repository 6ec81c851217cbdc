import type { Schema } from '@fairway/protocol';

const text: Schema = { type: 'string' };

/** For tests: a kind with every way in which a field may be owned. */
export const exampleSchema: Schema = {
  type: 'object',
  properties: new Map<string, Schema>([
    ['name', text],
    ['count', { type: 'integer' }],
    ['labels', { type: 'object', additionalProperties: text }],
    [
      'struct',
      {
        type: 'object',
        properties: new Map([
          ['a', text],
          ['b', text],
        ]),
      },
    ],
    ['selector', { type: 'object', mapType: 'atomic', additionalProperties: text }],
    ['names', { type: 'array', listType: 'set', items: text }],
    ['atomic', { type: 'array', items: text }],
    [
      'ports',
      {
        type: 'array',
        listType: 'map',
        listMapKeys: ['port', 'protocol'],
        items: {
          type: 'object',
          properties: new Map<string, Schema>([
            ['port', { type: 'integer' }],
            ['protocol', { type: 'string', default: 'TCP' }],
            ['name', text],
          ]),
        },
      },
    ],
    [
      'env',
      {
        type: 'array',
        patchStrategy: ['merge'],
        patchMergeKey: 'name',
        items: {
          type: 'object',
          properties: new Map([
            ['name', text],
            ['value', text],
          ]),
        },
      },
    ],
    ['any', { type: 'object', preservesUnknownFields: true }],
    ['amount', { isIntOrString: true }],
  ]),
};
