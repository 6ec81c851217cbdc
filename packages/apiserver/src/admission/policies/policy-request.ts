import type { Authorizer } from '@fairway/access';
import type { PlainMap } from '@fairway/cel';
import { ApiError, type KubernetesObject } from '@fairway/protocol';
import type { ClusterReader } from '../../reads/cluster-reader.ts';
import type { ServedResource } from '../../registry/served-resource.ts';
import type { AdmissionRequest } from '../admission-plugin.ts';
import { AuthorizerChecks } from '../expressions/authorizer-checks.ts';
import { requestVariable } from '../expressions/request-variable.ts';
import { isNamespaceItself } from '../matching/match-rule.ts';
import { inVersionOf } from '../matching/in-version-of.ts';
import { requireNamespace } from '../require-namespace.ts';
import { ConfigurationError } from './find-parameters.ts';
import { namespaceObject } from './namespace-object.ts';

/** A request in one version, as the expressions of a policy see it. */
export interface RequestView {
  readonly object: KubernetesObject | undefined;
  readonly oldObject: KubernetesObject | undefined;
  readonly request: PlainMap;
}

/** What all policies that are asked about one request have in common, made when the first one wants it. */
export class PolicyRequest {
  readonly #request: AdmissionRequest;
  readonly #authorizer: Authorizer;
  readonly #cluster: ClusterReader;
  #checks: AuthorizerChecks | undefined;
  #namespace: PlainMap | null | undefined;

  constructor(
    request: AdmissionRequest,
    parts: { readonly authorizer: Authorizer; readonly cluster: ClusterReader },
  ) {
    this.#request = request;
    this.#authorizer = parts.authorizer;
    this.#cluster = parts.cluster;
  }

  get checks(): AuthorizerChecks {
    return (this.#checks ??= new AuthorizerChecks(this.#authorizer, this.#request));
  }

  /** Of what is in a namespace. Errors: NotFound. */
  async namespaceObject(): Promise<PlainMap | null> {
    if (this.#namespace !== undefined) return this.#namespace;
    const { namespace: name, resource } = this.#request;
    if (name === '' || isNamespaceItself(resource)) return (this.#namespace = null);
    return (this.#namespace = namespaceObject(await requireNamespace(this.#cluster, name)));
  }

  /** Errors: `ConfigurationError` for what cannot be converted. */
  viewOf(
    object: KubernetesObject | undefined,
    seenAs: ServedResource,
  ): RequestView | Promise<RequestView> {
    const { resource, stored } = this.#request;
    if (seenAs === resource) return new View(this.#request, { object, oldObject: stored, seenAs });
    return this.#convert(object, seenAs);
  }

  async #convert(
    given: KubernetesObject | undefined,
    seenAs: ServedResource,
  ): Promise<RequestView> {
    const { resource, stored } = this.#request;
    const versions = { from: resource, to: seenAs };
    const object = await converted(given, versions);
    const oldObject = await converted(stored, versions);
    return new View(this.#request, { object, oldObject, seenAs });
  }
}

class View implements RequestView {
  readonly object: KubernetesObject | undefined;
  readonly oldObject: KubernetesObject | undefined;
  readonly #asked: AdmissionRequest;
  readonly #seenAs: ServedResource;
  #request: PlainMap | undefined;

  constructor(
    asked: AdmissionRequest,
    {
      object,
      oldObject,
      seenAs,
    }: Omit<RequestView, 'request'> & { readonly seenAs: ServedResource },
  ) {
    this.object = object;
    this.oldObject = oldObject;
    this.#asked = asked;
    this.#seenAs = seenAs;
  }

  /** Few expressions look at it. */
  get request(): PlainMap {
    return (this.#request ??= requestVariable(this.#asked, this.#seenAs));
  }
}

async function converted(
  object: KubernetesObject | undefined,
  versions: Parameters<typeof inVersionOf>[1],
): Promise<KubernetesObject | undefined> {
  if (object === undefined) return undefined;
  try {
    return await inVersionOf(object, versions);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    throw new ConfigurationError(`failed to convert object version: ${error.message}`);
  }
}
