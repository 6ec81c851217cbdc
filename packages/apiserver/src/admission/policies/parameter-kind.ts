import type { ParamKind } from '@fairway/kinds/admissionregistration/v1';
import type { ResourceRegistry } from '../../registry/resource-registry.ts';
import type { ServedResource } from '../../registry/served-resource.ts';
import { parameterResource } from './find-parameters.ts';

/** The resource of a policy's parameters, looked for again when what is served has changed. */
export class ParameterKind {
  readonly #paramKind: ParamKind | undefined;
  #found: { readonly version: number; readonly resource: ServedResource } | undefined;

  constructor(paramKind: ParamKind | undefined) {
    this.#paramKind = paramKind;
  }

  /** Undefined: the policy has no parameters. Errors: `ConfigurationError`. */
  resourceIn(registry: ResourceRegistry): ServedResource | undefined {
    if (this.#paramKind === undefined) return undefined;
    const { version } = registry;
    if (this.#found?.version !== version) {
      this.#found = { version, resource: parameterResource(this.#paramKind, registry) };
    }
    return this.#found.resource;
  }
}
