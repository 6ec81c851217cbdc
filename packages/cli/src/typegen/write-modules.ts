import {
  type OpenApiFacts,
  type OpenApiSchema,
  type ServedResource,
  kindsOf,
} from './open-api-facts.ts';
import { fileLabel, identifier, literal, propertyKey } from './source-text.ts';

/**
 * Makes one module of types and descriptors per group version: file name → source.
 *
 * `published`: modules that are not made, because they are there already: name → specifier.
 */
export function writeModules(
  source: OpenApiFacts,
  published: Readonly<Record<string, string>> = {},
): Map<string, string> {
  const folders = moduleNames(source.definitions.keys());
  const modules = new Map<string, Map<string, string>>();
  const places = new Map<string, Place>();
  for (const name of source.definitions.keys()) {
    const place = {
      module: folders.get(packageOf(name)) ?? '',
      type: identifier(name.slice(name.lastIndexOf('.') + 1)),
    };
    places.set(name, place);
    const types = modules.get(place.module) ?? new Map<string, string>();
    modules.set(place.module, types);
    if (types.has(place.type)) {
      throw new Error(
        `cannot generate ${place.module}: ${name} and ${types.get(place.type)} share a name`,
      );
    }
    types.set(place.type, name);
  }
  const files = new Map<string, string>();
  for (const [module, types] of [...modules].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (Object.hasOwn(published, module)) continue;
    const writer = new ModuleWriter({ module, types, places, source, published });
    files.set(`${module}.ts`, writer.write());
  }
  return files;
}

/** The package of a definition: `io.k8s.api.apps.v1` of `io.k8s.api.apps.v1.Deployment`. */
export function packageOf(definition: string): string {
  return definition.slice(0, Math.max(0, definition.lastIndexOf('.')));
}

interface Place {
  readonly module: string;
  readonly type: string;
}

/**
 * Names a module after its package's last two labels. What all groups use lives in `meta/v1`. Where
 * two packages would meet (`traefik.io`, `traefik.containo.us`), both get one label more.
 */
function moduleNames(definitions: Iterable<string>): Map<string, string> {
  const packages = [...new Set([...definitions].map(packageOf))];
  const nameWith = (labels: number, name: string): string => {
    if (name.startsWith('io.k8s.apimachinery.pkg.')) return 'meta/v1';
    const parts = name.split('.');
    const version = parts.pop() ?? '';
    return `${fileLabel(parts.slice(-labels).join('-'))}/${fileLabel(version)}`;
  };
  return new Map(
    packages.map((name) => {
      const meets = packages.some(
        (other) => other !== name && nameWith(1, other) === nameWith(1, name),
      );
      return [name, nameWith(meets ? 2 : 1, name)];
    }),
  );
}

interface ModuleInput {
  readonly module: string;
  /** Type name → definition. */
  readonly types: ReadonlyMap<string, string>;
  readonly places: ReadonlyMap<string, Place>;
  readonly source: OpenApiFacts;
  readonly published: Readonly<Record<string, string>>;
}

/** Remembers, while it writes types, what the module must import. */
class ModuleWriter {
  readonly #input: ModuleInput;
  /** Module → names imported from it, as `Name` or `Name as Alias`. */
  readonly #imports = new Map<string, Set<string>>();

  constructor(input: ModuleInput) {
    this.#input = input;
  }

  write(): string {
    const { source, types, module, published } = this.#input;
    const declarations = [...types].map(([type, definition]) =>
      this.#declaration(type, definition, source.definitions.get(definition) ?? {}),
    );
    const descriptors = this.#descriptors();
    const imports = [...this.#imports]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(
        ([from, names]) =>
          `import type { ${[...names].sort().join(', ')} } from '${published[from] ?? relativePath(module, from)}';`,
      );
    if (descriptors.length > 0) {
      imports.unshift(`import type { ResourceDescriptor } from '@fairway/protocol';`);
    }
    return [...imports, ...declarations, ...descriptors].join('\n') + '\n';
  }

  #declaration(type: string, definition: string, schema: OpenApiSchema): string {
    const special = specialTypes.get(definition);
    if (special !== undefined) return `export type ${type} = ${special};`;
    if (schema['properties'] === undefined)
      return `export type ${type} = ${this.#typeOf(schema, '')};`;
    return `export interface ${type} ${this.#fields(schema, '')}`;
  }

  #fields(schema: OpenApiSchema, indent: string): string {
    const required = (schema['required'] as readonly string[] | undefined) ?? [];
    const isKind = kindsOf(schema).length > 0;
    const lines = Object.entries(
      schema['properties'] as Readonly<Record<string, OpenApiSchema>>,
    ).map(([name, field]) => {
      const isOptional = !required.includes(name) || (isKind && name === 'metadata');
      return `${indent}  readonly ${propertyKey(name)}${isOptional ? '?' : ''}: ${this.#typeOf(field, `${indent}  `)};`;
    });
    return `{\n${lines.join('\n')}\n${indent}}`;
  }

  #typeOf(schema: OpenApiSchema, indent: string): string {
    const only = (schema['allOf'] as readonly OpenApiSchema[] | undefined)?.[0];
    const reference = schema['$ref'] ?? only?.['$ref'];
    if (typeof reference === 'string') return this.#reference(reference);
    if (schema['x-kubernetes-int-or-string'] === true) return 'number | string';
    const values = schema['enum'];
    if (Array.isArray(values)) return values.map(literal).join(' | ') || 'never';
    switch (schema['type']) {
      case 'string':
        return 'string';
      case 'integer':
      case 'number':
        return 'number';
      case 'boolean':
        return 'boolean';
      case 'array':
        return this.#arrayOf((schema['items'] as OpenApiSchema | undefined) ?? {}, indent);
      case 'object':
        return this.#objectOf(schema, indent);
      default:
        return 'unknown';
    }
  }

  #arrayOf(items: OpenApiSchema, indent: string): string {
    const type = this.#typeOf(items, indent);
    const isWhole = !type.includes(' | ') && !type.startsWith('readonly ');
    return `readonly ${isWhole ? type : `(${type})`}[]`;
  }

  #objectOf(schema: OpenApiSchema, indent: string): string {
    if (schema['properties'] !== undefined) return this.#fields(schema, indent);
    const values = schema['additionalProperties'];
    const type =
      typeof values === 'object' ? this.#typeOf(values as OpenApiSchema, indent) : 'unknown';
    return `{ readonly [key: string]: ${type} }`;
  }

  #reference(reference: string): string {
    const definition = reference.slice(reference.lastIndexOf('/') + 1);
    const place = this.#input.places.get(definition);
    if (place === undefined) throw new Error(`cannot resolve ${reference}: no document defines it`);
    if (place.module === this.#input.module) return place.type;
    const names = this.#imports.get(place.module) ?? new Set();
    this.#imports.set(place.module, names);
    const isTaken =
      this.#input.types.has(place.type) ||
      [...this.#imports].some(
        ([module, others]) => module !== place.module && others.has(place.type),
      );
    const alias = identifier(`${capitalized(place.module)}${place.type}`);
    names.add(isTaken ? `${place.type} as ${alias}` : place.type);
    return isTaken ? alias : place.type;
  }

  #descriptors(): string[] {
    const { source, types, module } = this.#input;
    const lines: string[] = [];
    const described = new Set<string>();
    for (const resource of source.resources) {
      const definition = [...source.definitions].find(([, schema]) =>
        isKindOf(schema, resource),
      )?.[0];
      const place = definition === undefined ? undefined : this.#input.places.get(definition);
      if (place?.module !== module || !types.has(place.type) || described.has(place.type)) continue;
      described.add(place.type);
      lines.push(descriptor(place.type, resource));
    }
    return lines;
  }
}

function isKindOf(schema: OpenApiSchema, resource: ServedResource): boolean {
  return kindsOf(schema).some(
    ({ group, version, kind }) =>
      group === resource.group && version === resource.version && kind === resource.kind,
  );
}

function descriptor(type: string, resource: ServedResource): string {
  const { group, version, kind, plural, isNamespaced } = resource;
  const fields = Object.entries({ group, version, kind, plural, isNamespaced });
  const text = fields.map(([name, value]) => `${name}: ${literal(value)}`).join(', ');
  return `export const ${type}: ResourceDescriptor<${type}> = { ${text} };`;
}

/** Definitions whose JSON form OpenAPI cannot say well. */
const specialTypes: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'io.k8s.apimachinery.pkg.util.intstr.IntOrString': 'number | string',
    'io.k8s.apimachinery.pkg.api.resource.Quantity': 'string',
    'io.k8s.apimachinery.pkg.apis.meta.v1.Time': 'string',
    'io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime': 'string',
    'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON': 'unknown',
    'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrArray':
      'JSONSchemaProps | readonly JSONSchemaProps[]',
    'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrBool':
      'JSONSchemaProps | boolean',
    'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrStringArray':
      'JSONSchemaProps | readonly string[]',
  }),
);

function relativePath(from: string, to: string): string {
  const [fromFolder, toFolder, file] = [from.split('/')[0], ...to.split('/')];
  return fromFolder === toFolder ? `./${file}.ts` : `../${to}.ts`;
}

function capitalized(module: string): string {
  return module.replaceAll(/(?:^|[^A-Za-z0-9]+)([A-Za-z0-9])/g, (_, letter: string) =>
    letter.toUpperCase(),
  );
}
