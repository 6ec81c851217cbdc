import { schemaDefinitions } from './swagger-schema.ts';
import {
  type SwaggerItem,
  type SwaggerOperation,
  type SwaggerParameter,
  type SwaggerPath,
  operationsOf,
} from './swagger-path.ts';

/** The parameters that paths of a document have in common: they stand in it once. */
export class SharedParameters {
  /** By what they say, because one is shared by hundreds of operations. */
  readonly #names = new Map<string, string>();

  /**
   * Points a path at shared parameters, and answers those by the name that they have in the document:
   * their own with a hash of what they say, as a Kubernetes API server names them.
   */
  share(path: SwaggerPath): {
    readonly path: SwaggerPath;
    readonly shared: ReadonlyMap<string, SwaggerParameter>;
  } {
    const shared = new Map<string, SwaggerParameter>();
    const share = (parameter: SwaggerItem): SwaggerItem => {
      if ('$ref' in parameter || !isShared(parameter)) return parameter;
      const name = this.#nameOf(parameter);
      shared.set(name, parameter);
      return { $ref: `#/parameters/${name}` };
    };
    const operations = operationsOf(path).map(([method, operation]) => [
      method,
      withParameters(operation, share),
    ]);
    return { path: withParameters({ ...path, ...Object.fromEntries(operations) }, share), shared };
  }

  #nameOf(parameter: SwaggerParameter): string {
    const json = JSON.stringify(parameter);
    const known = this.#names.get(json);
    if (known !== undefined) return known;
    const name = `${parameter.name}-${hashOf(json)}`;
    this.#names.set(json, name);
    return name;
  }
}

function withParameters<Holder extends SwaggerOperation | SwaggerPath>(
  holder: Holder,
  share: (parameter: SwaggerItem) => SwaggerItem,
): Holder {
  return holder.parameters === undefined
    ? holder
    : { ...holder, parameters: holder.parameters.map(share) };
}

/**
 * Not shared is what names its kind. Nor are the two that kubectl before 1.27 looks for in an operation, to
 * learn what the server can do.
 */
function isShared(parameter: SwaggerParameter): boolean {
  if (parameter.in === 'body') {
    const { $ref } = parameter.schema;
    return typeof $ref === 'string' && $ref.startsWith(`${schemaDefinitions}io.k8s.apimachinery`);
  }
  return !['name', 'fieldValidation', 'dryRun'].includes(parameter.name);
}

/** Six bytes of FNV-1 over the JSON as Go writes it. */
function hashOf(json: string): string {
  const written = json.replace(/[<>&]/g, (sign) => `\\u00${sign.charCodeAt(0).toString(16)}`);
  let hash = 0xcbf29ce484222325n;
  for (const byte of Buffer.from(written)) {
    hash = BigInt.asUintN(64, hash * 0x100000001b3n) ^ BigInt(byte);
  }
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(hash);
  return bytes.subarray(0, 6).toString('base64url');
}
