/**
 * Reads OpenAPI in protobuf back into the JSON that it stands for, by tables of its own.
 *
 * Source: gnostic-models, openapiv2/OpenAPIv2.proto and openapiv3/OpenAPIv3.proto.
 */
export function decodeOpenApi(bytes: Uint8Array, version: 2 | 3): unknown {
  return decode(bytes, 'Document', version === 2 ? messagesOf2 : messagesOf3);
}

/** Field number → name in JSON and type; `''` as a name: the field is what the message stands for. */
type Fields = Readonly<Record<number, readonly [name: string, type: string]>>;

type Messages = Readonly<Record<string, Fields>>;

const messagesOf3: Messages = {
  Document: {
    1: ['openapi', 'string'],
    2: ['info', 'Info'],
    4: ['paths', 'Paths'],
    5: ['components', 'Components'],
  },
  Info: { 1: ['title', 'string'], 6: ['version', 'string'] },
  Paths: { 1: ['', 'map PathItem'] },
  PathItem: {
    4: ['get', 'Operation'],
    5: ['put', 'Operation'],
    6: ['post', 'Operation'],
    7: ['delete', 'Operation'],
    8: ['options', 'Operation'],
    9: ['head', 'Operation'],
    10: ['patch', 'Operation'],
    13: ['parameters', 'list ParameterOr'],
  },
  Operation: {
    1: ['tags', 'list string'],
    3: ['description', 'string'],
    5: ['operationId', 'string'],
    6: ['parameters', 'list ParameterOr'],
    7: ['requestBody', 'RequestBodyOr'],
    8: ['responses', 'Responses'],
    13: ['', 'map Any'],
  },
  ParameterOr: { 1: ['', 'Parameter'] },
  Parameter: {
    1: ['name', 'string'],
    2: ['in', 'string'],
    3: ['description', 'string'],
    4: ['required', 'boolean'],
    10: ['schema', 'SchemaOr'],
  },
  RequestBodyOr: { 1: ['', 'RequestBody'] },
  RequestBody: { 2: ['content', 'MediaTypes'], 3: ['required', 'boolean'] },
  Responses: { 2: ['', 'map ResponseOr'] },
  ResponseOr: { 1: ['', 'Response'] },
  Response: { 1: ['description', 'string'], 3: ['content', 'MediaTypes'] },
  MediaTypes: { 1: ['', 'map MediaType'] },
  MediaType: { 1: ['schema', 'SchemaOr'] },
  Components: { 1: ['schemas', 'Schemas'], 7: ['securitySchemes', 'SecuritySchemes'] },
  Schemas: { 1: ['', 'map SchemaOr'] },
  SecuritySchemes: { 1: ['', 'map SecuritySchemeOr'] },
  SecuritySchemeOr: { 1: ['', 'SecurityScheme'] },
  SecurityScheme: {
    1: ['type', 'string'],
    2: ['description', 'string'],
    3: ['name', 'string'],
    4: ['in', 'string'],
  },
  SchemaOr: { 1: ['', 'Schema'], 2: ['', 'Reference'] },
  Reference: { 1: ['$ref', 'string'] },
  Schema: {
    1: ['nullable', 'boolean'],
    9: ['title', 'string'],
    11: ['maximum', 'number'],
    13: ['minimum', 'number'],
    15: ['maxLength', 'integer'],
    16: ['minLength', 'integer'],
    17: ['pattern', 'string'],
    18: ['maxItems', 'integer'],
    20: ['uniqueItems', 'boolean'],
    23: ['required', 'list string'],
    24: ['enum', 'list Any'],
    25: ['type', 'string'],
    26: ['allOf', 'list SchemaOr'],
    27: ['oneOf', 'list SchemaOr'],
    28: ['anyOf', 'list SchemaOr'],
    29: ['not', 'Schema'],
    30: ['items', 'Items'],
    31: ['properties', 'Schemas'],
    32: ['additionalProperties', 'Additional'],
    33: ['default', 'Default'],
    34: ['description', 'string'],
    35: ['format', 'string'],
    36: ['', 'map Any'],
  },
  Items: { 1: ['', 'SchemaOr'] },
  Additional: { 1: ['', 'SchemaOr'], 2: ['', 'boolean'] },
  Default: { 1: ['', 'number'], 2: ['', 'boolean'], 3: ['', 'string'] },
  Any: { 2: ['', 'yaml'] },
};

const messagesOf2: Messages = {
  Document: {
    1: ['swagger', 'string'],
    2: ['info', 'Info'],
    8: ['paths', 'Paths'],
    9: ['definitions', 'Schemas'],
    10: ['parameters', 'Parameters'],
    12: ['security', 'list Security'],
    13: ['securityDefinitions', 'SecurityDefinitions'],
  },
  Info: { 1: ['title', 'string'], 2: ['version', 'string'] },
  Paths: { 2: ['', 'map PathItem'] },
  PathItem: {
    2: ['get', 'Operation'],
    3: ['put', 'Operation'],
    4: ['post', 'Operation'],
    5: ['delete', 'Operation'],
    6: ['options', 'Operation'],
    7: ['head', 'Operation'],
    8: ['patch', 'Operation'],
    9: ['parameters', 'list ParameterOr'],
  },
  Operation: {
    1: ['tags', 'list string'],
    3: ['description', 'string'],
    5: ['operationId', 'string'],
    6: ['produces', 'list string'],
    7: ['consumes', 'list string'],
    8: ['parameters', 'list ParameterOr'],
    9: ['responses', 'Responses'],
    10: ['schemes', 'list string'],
    13: ['', 'map Any'],
  },
  Parameters: { 1: ['', 'map Parameter'] },
  ParameterOr: { 1: ['', 'Parameter'], 2: ['', 'Reference'] },
  Reference: { 1: ['$ref', 'string'] },
  Parameter: { 1: ['', 'BodyParameter'], 2: ['', 'OtherParameter'] },
  BodyParameter: {
    2: ['name', 'string'],
    3: ['in', 'string'],
    4: ['required', 'boolean'],
    5: ['schema', 'Schema'],
  },
  OtherParameter: { 3: ['', 'QueryParameter'], 4: ['', 'PathParameter'] },
  QueryParameter: {
    2: ['in', 'string'],
    3: ['description', 'string'],
    4: ['name', 'string'],
    6: ['type', 'string'],
    20: ['uniqueItems', 'boolean'],
  },
  PathParameter: {
    1: ['required', 'boolean'],
    2: ['in', 'string'],
    3: ['description', 'string'],
    4: ['name', 'string'],
    5: ['type', 'string'],
    19: ['uniqueItems', 'boolean'],
  },
  Responses: { 1: ['', 'map ResponseOr'] },
  ResponseOr: { 1: ['', 'Response'] },
  Response: { 1: ['description', 'string'], 2: ['schema', 'SchemaItem'] },
  SchemaItem: { 1: ['', 'Schema'] },
  Schemas: { 1: ['', 'map Schema'] },
  Schema: {
    1: ['$ref', 'string'],
    2: ['format', 'string'],
    4: ['description', 'string'],
    19: ['required', 'list string'],
    20: ['enum', 'list Any'],
    21: ['additionalProperties', 'Additional'],
    22: ['type', 'Type'],
    23: ['items', 'Items'],
    25: ['properties', 'Schemas'],
    31: ['', 'map Any'],
  },
  Type: { 1: ['', 'string'] },
  Items: { 1: ['', 'Schema'] },
  Additional: { 1: ['', 'Schema'], 2: ['', 'boolean'] },
  Any: { 2: ['', 'yaml'] },
  Security: { 1: ['', 'map scopes'] },
  SecurityDefinitions: { 1: ['', 'map SecurityDefinition'] },
  SecurityDefinition: { 2: ['', 'ApiKey'] },
  ApiKey: {
    1: ['type', 'string'],
    2: ['name', 'string'],
    3: ['in', 'string'],
    4: ['description', 'string'],
  },
};

function decode(bytes: Uint8Array, message: string, messages: Messages): unknown {
  const fields = messages[message] ?? {};
  let value: unknown;
  const object = (): Record<string, unknown> => (value ??= {}) as Record<string, unknown>;
  for (const { number, wire } of wireFields(bytes)) {
    const [name, type] = fields[number] ?? [];
    if (name === undefined || type === undefined) throw new Error(`${message} has no ${number}`);
    const [many, of = ''] = type.split(' ');
    if (many === 'map') {
      const [key, entry] = [...wireFields(wire as Uint8Array)].sort((a, b) => a.number - b.number);
      const named = String(scalar(key?.wire, 'string'));
      object()[named] = decodeAs(entry?.wire ?? new Uint8Array(), of, messages);
    } else if (many === 'list') {
      ((object()[name] ??= []) as unknown[]).push(decodeAs(wire, of, messages));
    } else if (name === '') value = decodeAs(wire, type, messages);
    else object()[name] = decodeAs(wire, type, messages);
  }
  return value ?? {};
}

function decodeAs(wire: Uint8Array | number, type: string, messages: Messages): unknown {
  return type in messages ? decode(wire as Uint8Array, type, messages) : scalar(wire, type);
}

function scalar(wire: Uint8Array | number | undefined, type: string): unknown {
  if (wire === undefined) return '';
  if (type === 'scopes') return [];
  if (type === 'boolean') return wire === 1;
  if (typeof wire === 'number') return wire;
  const text = Buffer.from(wire).toString();
  return type === 'yaml' ? JSON.parse(text) : text;
}

function* wireFields(
  bytes: Uint8Array,
): Generator<{ readonly number: number; readonly wire: Uint8Array | number }> {
  let at = 0;
  const varint = (): number => {
    for (let value = 0, shift = 0; ; shift += 7) {
      const byte = bytes[at++] ?? 0;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    const number = tag >>> 3;
    if ((tag & 7) === 0) yield { number, wire: varint() };
    else if ((tag & 7) === 1) {
      yield {
        number,
        wire: new DataView(bytes.buffer, bytes.byteOffset + at, 8).getFloat64(0, true),
      };
      at += 8;
    } else {
      const length = varint();
      yield { number, wire: bytes.subarray(at, at + length) };
      at += length;
    }
  }
}
