import { type SecureContext, createSecureContext } from 'node:tls';
import type { Secret } from '@fairway/kinds/core/v1';
import type { Ingress } from '@fairway/kinds/networking/v1';
import type { DeepReadonly } from '@fairway/protocol';
import { formatKey } from '@fairway/reconcile';

type AnyIngress = DeepReadonly<Ingress>;
type AnySecret = DeepReadonly<Secret>;

/** A certificate of a secret, or what is wrong with it. */
export type SecretCertificate =
  | { readonly kind: 'certificate'; readonly context: SecureContext }
  | { readonly kind: 'none'; readonly why: string };

/** The secret for each host that ingresses have one for, of which earlier ones win: by its key. */
export function secretsByHost(ingresses: readonly AnyIngress[]): ReadonlyMap<string, string> {
  const byHost = new Map<string, string>();
  for (const { metadata, spec } of ingresses) {
    const ruled = (spec?.rules ?? []).map(({ host = '' }) => host);
    for (const { hosts = [], secretName = '' } of spec?.tls ?? []) {
      if (secretName === '') continue;
      // In the namespace of the ingress: that of another one cannot be named.
      const key = formatKey({ namespace: metadata?.namespace ?? '', name: secretName });
      for (const each of hosts.length > 0 ? hosts : ruled) {
        const host = each.toLowerCase();
        if (host !== '' && !byHost.has(host)) byHost.set(host, key);
      }
    }
  }
  return byHost;
}

/** The key of the secret for a name that a client asks for; of a wildcard's too. */
export function secretFor(
  byHost: ReadonlyMap<string, string>,
  serverName: string,
): string | undefined {
  const name = serverName.toLowerCase();
  return byHost.get(name) ?? byHost.get(name.replace(/^[^.]+/, '*'));
}

/** Reads certificates of secrets once for each of their versions. */
export class SecretCertificates {
  readonly #known = new WeakMap<AnySecret, SecretCertificate>();

  of(key: string, secret: AnySecret | undefined): SecretCertificate {
    if (secret === undefined) {
      return none(`the secret ${key} does not exist, or is not of type kubernetes.io/tls`);
    }
    const known = this.#known.get(secret) ?? read(key, secret);
    this.#known.set(secret, known);
    return known;
  }
}

function read(key: string, { data }: AnySecret): SecretCertificate {
  const text = (name: string): string => Buffer.from(data?.[name] ?? '', 'base64').toString();
  const [cert, privateKey] = [text('tls.crt'), text('tls.key')];
  if (cert === '' || privateKey === '') return none(`the secret ${key} lacks tls.crt or tls.key`);
  try {
    const context = createSecureContext({ cert, key: privateKey, minVersion: 'TLSv1.2' });
    return { kind: 'certificate', context };
  } catch {
    // What the library says may quote the key.
    return none(`the secret ${key} has no certificate in PEM with the key that belongs to it`);
  }
}

function none(why: string): SecretCertificate {
  return { kind: 'none', why };
}
