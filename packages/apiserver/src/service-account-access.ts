import {
  type LiveObject,
  type ServiceAccountKeys,
  type TokenAuthenticator,
  type TokenSecret,
  serviceAccountTokenAuthenticator,
  serviceAccountTokens,
} from '@fairway/access';
import type { Clock, Random } from '@fairway/host';
import type { Secret as StoredSecret } from '@fairway/kinds/core/v1';
import type { KubernetesObject } from '@fairway/protocol';
import type { OpenIdPlace } from './other-paths.ts';
import type { ClusterReader } from './reads/cluster-reader.ts';
import type { TokenIssue } from './subresources/token.ts';

/** How the tokens of service accounts are made, and for whom. */
export interface ServiceAccountTokenSettings {
  /** Asked for each token: keys may rotate while the server runs. */
  readonly keys: () => ServiceAccountKeys;
  /** The first is written into new tokens; tokens of all are accepted. */
  readonly issuers?: readonly [string, ...string[]];
  /** Of this server; the issuers when absent. */
  readonly audiences?: readonly string[];
  /** Where others find the keys; on this server when absent. */
  readonly jwksUri?: string;
  /** Tokens that shall live longer are given this life. */
  readonly lifetimeSecondsMax?: number;
}

export interface ServiceAccountAccess {
  readonly authenticator: TokenAuthenticator;
  readonly audiences: readonly string[];
  readonly issue: TokenIssue;
  /** What is published for others to verify tokens with, when the issuer is an address. */
  readonly openId: OpenIdPlace | undefined;
}

const defaultIssuer = 'https://kubernetes.default.svc';

/** Who issues tokens and for whom they are, also where settings say nothing. */
export function tokenNames({
  issuers = [defaultIssuer],
  audiences = issuers,
}: Pick<ServiceAccountTokenSettings, 'issuers' | 'audiences'>): {
  readonly issuers: readonly [string, ...string[]];
  readonly audiences: readonly string[];
} {
  return { issuers, audiences };
}

/** Issues and authenticates the tokens of service accounts over the objects of a cluster. */
export function serviceAccountAccess(
  settings: ServiceAccountTokenSettings,
  parts: {
    readonly cluster: ClusterReader;
    readonly clock: Clock;
    readonly random: Random;
    /** `192.0.2.1:6443`: where others reach this server. */
    readonly advertised: string;
    /** As `noteUsed` of `TokenLookups`. */
    readonly noteUsed: (namespace: string, secretName: string, day: string) => Promise<void>;
  },
): ServiceAccountAccess {
  const { keys, jwksUri, lifetimeSecondsMax } = settings;
  const { issuers, audiences } = tokenNames(settings);
  const { cluster, advertised } = parts;
  const tokens = serviceAccountTokens({ ...parts, keys, issuers });
  const authenticator = serviceAccountTokenAuthenticator({
    ...parts,
    tokens,
    audiences,
    findServiceAccount: (namespace, name) => live(cluster, 'serviceaccounts', { namespace, name }),
    findBoundObject: (kind, namespace, name) => live(cluster, `${kind}s`, { namespace, name }),
    findTokenSecret: (namespace, name) => tokenSecret(cluster, { namespace, name }),
  });
  return {
    authenticator,
    audiences,
    issue: {
      tokens,
      audiences,
      cluster,
      ...(lifetimeSecondsMax === undefined ? {} : { lifetimeSecondsMax }),
    },
    // Relying parties look for the keys under the issuer, so that it has to be an address.
    openId: issuers[0].startsWith('https://')
      ? {
          issuer: issuers[0],
          jwksUri: jwksUri ?? `https://${advertised}/openid/v1/jwks`,
          keys: () => keys().verifying,
        }
      : undefined,
  };
}

interface ObjectName {
  readonly namespace: string;
  readonly name: string;
}

async function live(
  cluster: ClusterReader,
  plural: string,
  name: ObjectName,
): Promise<LiveObject | undefined> {
  const found = await cluster.find<KubernetesObject>('', plural, name);
  return found === undefined ? undefined : lifeOf(found);
}

async function tokenSecret(
  cluster: ClusterReader,
  name: ObjectName,
): Promise<TokenSecret | undefined> {
  const found = await cluster.find<StoredSecret>('', 'secrets', name);
  if (found === undefined) return undefined;
  const token = Buffer.from(found.data?.['token'] ?? '', 'base64').toString('latin1');
  return { ...lifeOf(found), token, labels: found.metadata?.labels ?? {} };
}

function lifeOf({ metadata }: KubernetesObject): LiveObject {
  const { uid = '', deletionTimestamp } = metadata ?? {};
  return { uid, ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }) };
}
