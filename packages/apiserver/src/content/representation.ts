import {
  type HttpRequest,
  type MediaType,
  apiError,
  badRequest,
  headerOf,
  parseAccept,
} from '@fairway/protocol';

/** How the caller wants an answer: in which encoding, and what of the object. */
export interface Representation {
  readonly format: 'json' | 'yaml' | 'protobuf';
  readonly form: 'object' | 'table' | 'metadata';
  /** The version of `Table` and `PartialObjectMetadata` that was asked for. */
  readonly metaVersion: 'v1' | 'v1beta1';
  readonly isPretty: boolean;
  readonly includeObject: 'None' | 'Metadata' | 'Object';
}

const formats: ReadonlyMap<string, Representation['format']> = new Map([
  ['application/json', 'json'],
  ['application/*', 'json'],
  ['*/*', 'json'],
  ['application/yaml', 'yaml'],
  ['application/vnd.kubernetes.protobuf', 'protobuf'],
]);

const forms: ReadonlyMap<string, Representation['form']> = new Map([
  ['Table', 'table'],
  ['PartialObjectMetadata', 'metadata'],
  ['PartialObjectMetadataList', 'metadata'],
]);

/** What is not stored is an answer, not a row. */
export const withoutTable: Representable = { isBuiltIn: true, forms: ['object', 'metadata'] };

/** In which representations something is there. */
export interface Representable {
  readonly isBuiltIn: boolean;
  /** Every form, unless told. */
  readonly forms?: readonly Representation['form'][];
}

/**
 * Chooses the first representation in the caller's order of preference that `resource` has.
 *
 * Errors: 406 `ApiError` that lists what there is.
 * Source: Kubernetes API concepts, "Alternate representations of resources".
 */
export function chooseRepresentation(
  request: HttpRequest,
  resource: Representable,
): Representation {
  const accept = headerOf(request.headers, 'accept') ?? '';
  const query = new URLSearchParams(request.query);
  for (const type of accept === '' ? [anyType] : parseAccept(accept)) {
    const format = formats.get(type.type);
    const form = formOf(type);
    if (format === undefined || form === undefined) continue;
    if (resource.forms?.includes(form) === false) continue;
    if (format === 'protobuf' && (!resource.isBuiltIn || form === 'table')) continue;
    return {
      format,
      form,
      metaVersion: type.parameters.get('v') === 'v1beta1' ? 'v1beta1' : 'v1',
      isPretty: wantsPretty(request, query),
      includeObject: form === 'table' ? readIncludeObject(query) : 'Metadata',
    };
  }
  throw notAcceptable(accept, resource);
}

/** A route of a built-in resource knows its encodings, and only what serves it the forms that there are. */
function notAcceptable(accept: string, { isBuiltIn }: Representable): Error {
  const isEncoded = parseAccept(accept).some(({ type }) => formats.has(type));
  const types = acceptedTypes({ isBuiltIn: true });
  if (isBuiltIn && !isEncoded) {
    const message = `406: Not Acceptable\n\nAvailable representations: ${types}`;
    return apiError('NotAcceptable', message, {});
  }
  return apiError('NotAcceptable', `only the following media types are accepted: ${types}`);
}

/** The encodings of a resource, as messages list them. */
export function acceptedTypes(resource: { readonly isBuiltIn: boolean }): string {
  const types = ['application/json', 'application/yaml'];
  if (resource.isBuiltIn) types.push('application/vnd.kubernetes.protobuf');
  return types.join(', ');
}

const anyType: MediaType = { type: '*/*', parameters: new Map() };

function formOf(type: MediaType): Representation['form'] | undefined {
  const [as, g, v] = ['as', 'g', 'v'].map((name) => type.parameters.get(name));
  if (as === undefined) return 'object';
  if (g !== 'meta.k8s.io' || (v !== 'v1' && v !== 'v1beta1')) return undefined;
  return forms.get(as);
}

/** Browsers and curl get indented JSON, as from any Kubernetes API. */
function wantsPretty(request: HttpRequest, query: URLSearchParams): boolean {
  const asked = query.get('pretty');
  if (asked !== null) return asked !== '0' && asked !== 'false';
  const agent = headerOf(request.headers, 'user-agent') ?? '';
  return /^(curl|Wget|Mozilla\/5\.0)/.test(agent);
}

function readIncludeObject(query: URLSearchParams): Representation['includeObject'] {
  const asked = query.get('includeObject') ?? '';
  if (asked === '') return 'Metadata';
  if (asked === 'None' || asked === 'Metadata' || asked === 'Object') return asked;
  const why = `Invalid value: ${JSON.stringify(asked)}: must be 'Metadata', 'Object', 'None', or empty`;
  throw badRequest(`Unable to convert to Table as requested: includeObject: ${why}`);
}
