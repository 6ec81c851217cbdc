import { type OpenApiSchema, kindsOf } from '../../packages/cli/src/typegen/open-api-facts.ts';
import type { OpenApiSource } from './open-api-source.ts';
import { jsonName, messageName } from './message-names.ts';
import { pointerFields } from './pointer-fields.ts';
import { packageOf } from '../../packages/cli/src/typegen/write-modules.ts';
import { writeJsonText } from './write-json-text.ts';

/** Message → field as protobuf names it → number and type. */
export type FieldTable = Readonly<
  Record<string, Readonly<Record<string, readonly [number: number, type: string]>>>
>;

/**
 * Makes `protobuf-data.ts`: each message's fields as one text, `name:number:type`, joined by commas.
 * A type is followed by `!` where JSON says a zero too, and by `&` where the message's fields stand
 * in JSON beside those of the message around it.
 */
export function writeProtobuf(table: FieldTable, source: OpenApiSource): string {
  const definitions = new Map(
    [...source.definitions].map(([name, schema]) => [messageName(name), schema]),
  );
  const messages = Object.keys(table).sort();
  return writeJsonText('protobufJson', {
    packages: packagesByGroupVersion(source, messages),
    messages: Object.fromEntries(
      messages.map((message) => [message, encodeFields({ message, table, definitions })]),
    ),
  });
}

/** Group version → the package of its messages. */
function packagesByGroupVersion(
  source: OpenApiSource,
  messages: readonly string[],
): Record<string, string> {
  const packages = new Map<string, string>();
  for (const [name, schema] of source.definitions) {
    if (name.startsWith('io.k8s.apimachinery.')) continue;
    for (const { group, version } of kindsOf(schema)) {
      packages.set(group === '' ? version : `${group}/${version}`, packageOf(messageName(name)));
    }
  }
  for (const [groupVersion, inPackage] of Object.entries(packagesOfUnservedKinds)) {
    packages.set(groupVersion, inPackage);
  }
  const isThere = (inPackage: string): boolean =>
    messages.some((message) => packageOf(message) === inPackage);
  return Object.fromEntries(
    [...packages]
      .filter(([, inPackage]) => isThere(inPackage))
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** Kinds that travel in bodies without being a resource, so that no document names them. */
const packagesOfUnservedKinds: Readonly<Record<string, string>> = {
  'admission.k8s.io/v1': 'k8s.io.api.admission.v1',
  'apidiscovery.k8s.io/v2': 'k8s.io.api.apidiscovery.v2',
  'meta.k8s.io/v1': 'k8s.io.apimachinery.pkg.apis.meta.v1',
};

interface MessageInput {
  readonly message: string;
  readonly table: FieldTable;
  readonly definitions: ReadonlyMap<string, OpenApiSchema>;
}

function encodeFields({ message, table, definitions }: MessageInput): string {
  const schema = definitions.get(message);
  const properties = schema?.['properties'] as Readonly<Record<string, OpenApiSchema>> | undefined;
  const required = (schema?.['required'] as readonly string[] | undefined) ?? [];
  const pointers = pointerFields[message]?.split(' ') ?? [];
  const fields = Object.entries(table[message] ?? {}).map(([field, [number, type]]) => {
    const known = properties === undefined ? field : jsonName(field, Object.keys(properties));
    const isMessage = `${packageOf(message)}.${type}` in table || type in table;
    if (known === undefined && isMessage) return `${field}:${number}:${type}&`;
    const name = known ?? field;
    const keepsZero =
      pointers.includes(field) ||
      required.includes(name) ||
      isZero(properties?.[name]?.['default']);
    return `${name}:${number}:${type}${keepsZero ? '!' : ''}`;
  });
  return fields.join(',');
}

function isZero(value: unknown): boolean {
  return value === '' || value === 0 || value === false;
}
