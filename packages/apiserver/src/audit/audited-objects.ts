import { protobufTable } from '@fairway/kinds/protobuf';
import {
  type HttpBody,
  type HttpHeaders,
  type HttpResponse,
  type ResourceTarget,
  ProtobufError,
  decodeKubernetesProtobuf,
  headerOf,
  isJsonObject,
  parseJson,
  parseMediaType,
  stringifyJson,
} from '@fairway/protocol';
import { decodeYaml } from '../content/decode-yaml.ts';
import { bodyLimits, objectBytesMax, objectValuesMax } from '../storage/object-limits.ts';
import type { AuditLevel } from './audit-policy.ts';

const yamlLimits = {
  ...bodyLimits,
  bytesMax: objectBytesMax,
  jsonBytesMax: objectBytesMax,
} as const;

/** More of one body is not told; the event says so. */
const toldBytesMax = 32 * 1024 * 1024;

/** The bodies of a request and of its answer, as far as the policy tells of them. */
export class AuditedObjects {
  readonly #headers: HttpHeaders;
  readonly #asked: Copy | undefined;
  readonly #wantsAnswer: boolean;
  #answered: { readonly copy: Copy; readonly headers: HttpHeaders } | undefined;

  constructor(
    level: AuditLevel,
    { target, headers }: { readonly target: ResourceTarget; readonly headers: HttpHeaders },
  ) {
    this.#headers = headers;
    this.#wantsAnswer = level === 'RequestResponse';
    this.#asked = this.#wantsAnswer || !holdsSecret(target) ? new Copy() : undefined;
  }

  get tellsRequest(): boolean {
    return this.#asked !== undefined;
  }

  /** The same body; what is read of it is kept. */
  request(body: HttpBody): HttpBody {
    return this.#asked === undefined ? body : this.#asked.of(body);
  }

  /** The same answer; what is sent of it is kept. */
  response(response: HttpResponse): HttpResponse {
    if (!this.#wantsAnswer) return response;
    const copy = new Copy();
    this.#answered = { copy, headers: response.headers };
    return { ...response, body: copy.of(response.body) };
  }

  /** `,"requestObject":…,"responseObject":…`, of each what there is. */
  text(omitsManagedFields: boolean): string {
    const asked = this.#asked?.json(this.#headers, omitsManagedFields);
    const answered = this.#answered?.copy.json(this.#answered.headers, omitsManagedFields);
    return (
      (asked === undefined ? '' : `,"requestObject":${asked}`) +
      (answered === undefined ? '' : `,"responseObject":${answered}`)
    );
  }

  /** Something was too long to be told. */
  get isCut(): boolean {
    return this.#asked?.isCut === true || this.#answered?.copy.isCut === true;
  }
}

const secretPlaces: ReadonlySet<string> = new Set([
  '/secrets',
  '/serviceaccounts/token',
  'authentication.k8s.io/tokenreviews',
]);

/** Whose bodies are told at the level RequestResponse only, which is chosen by those who know why. */
function holdsSecret({ group, plural, subresource }: ResourceTarget): boolean {
  const place = `${group}/${plural}`;
  return secretPlaces.has(place) || secretPlaces.has(`${place}/${subresource}`);
}

/** What has passed of a body. */
class Copy {
  readonly #chunks: Uint8Array[] = [];
  #bytes = 0;
  #isWhole = false;
  isCut = false;

  of(body: HttpBody): HttpBody {
    if (body === undefined) return body;
    if (!(body instanceof Uint8Array)) return this.#follow(body);
    this.#add(body);
    this.#isWhole = true;
    return body;
  }

  /** Undefined where there is no object. */
  json(headers: HttpHeaders, omitsManagedFields: boolean): string | undefined {
    if (!this.#isWhole || this.isCut || this.#bytes === 0) return undefined;
    const bytes = this.#chunks.length === 1 ? this.#chunks[0] : Buffer.concat(this.#chunks);
    const type = parseMediaType(headerOf(headers, 'content-type') ?? 'application/json')?.type;
    return bytes && type && jsonOf(bytes, type, omitsManagedFields);
  }

  #add(chunk: Uint8Array): void {
    this.#bytes += chunk.length;
    if (this.#bytes <= toldBytesMax) this.#chunks.push(chunk);
    else {
      this.isCut = true;
      this.#chunks.length = 0;
    }
  }

  async *#follow(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of body) {
      this.#add(chunk);
      yield chunk;
    }
    this.#isWhole = true;
  }
}

/** Undefined for what is no object in a form that we know. */
function jsonOf(bytes: Uint8Array, type: string, omitsManagedFields: boolean): string | undefined {
  const value = valueOf(bytes, type);
  if (value === undefined) return undefined;
  return stringifyJson(omitsManagedFields ? withoutManagedFields(value) : value);
}

function valueOf(bytes: Uint8Array, type: string): unknown {
  try {
    if (type === 'application/vnd.kubernetes.protobuf') {
      const limits = { valuesMax: objectValuesMax };
      return decodeKubernetesProtobuf(bytes, protobufTable(), limits).object;
    }
    if (/[/+]yaml$/.test(type)) {
      const decoded = decodeYaml(bytes, yamlLimits);
      return decoded.kind === 'decoded' ? parseJson(decoded.json) : undefined;
    }
    return /[/+]json$/.test(type) ? parseJson(Buffer.from(bytes).toString()) : undefined;
  } catch (error) {
    // The caller has been told what is wrong with it.
    if (error instanceof SyntaxError || error instanceof ProtobufError) return undefined;
    throw error;
  }
}

function withoutManagedFields(value: unknown): unknown {
  if (!isJsonObject(value)) return value;
  const { items, metadata } = value;
  return {
    ...value,
    ...(isJsonObject(metadata) ? { metadata: { ...metadata, managedFields: undefined } } : {}),
    ...(Array.isArray(items) ? { items: items.map(withoutManagedFields) } : {}),
  };
}
