import { type Clock, type Files, Secret } from '@fairway/host';
import type { ClientCertificate, Credential, Credentials } from '../cluster-target.ts';
import { holdsCertificate, holdsKey } from '../kubeconfig/pem.ts';
import { reloadingFile } from './reloading-file.ts';

/** Looks at client certificate files at most this often, and at once after a 401. */
export const clientCertificateCheckMsMin = 60_000;

/** How long a new certificate waits for its new key, or the other way round. */
export const pairSettleMs = 2000;

/** One half of a key pair: text that does not change, or a file that somebody may renew. */
export interface PemSource {
  readonly path?: string;
  readonly text: string;
}

/**
 * A client certificate whose files may be renewed, next to what `header` proves.
 *
 * A new certificate is a new `clientCertificate` object, upon which open connections are retired.
 */
export function clientCertificateCredentials(
  host: { readonly files: Files; readonly clock: Clock },
  pair: { readonly certificate: PemSource; readonly key: PemSource },
  header: Credentials,
): Credentials {
  const certificate = reloadingPem(host, pair.certificate, holdsCertificate);
  const key = reloadingPem(host, pair.key, holdsKey);
  let held: ClientCertificate | undefined;
  let halfChanged: { readonly sinceMs: number; readonly texts: string } | undefined;
  let combined: { readonly from: Credential; readonly credential: Credential } | undefined;

  function pairOf(certificateText: string, keyText: string): ClientCertificate {
    const isSameCertificate = held?.certificate === certificateText;
    const isSameKey = held?.key.reveal() === keyText;
    if (held !== undefined && isSameCertificate && isSameKey) return held;
    if (held !== undefined && (isSameCertificate || isSameKey)) {
      if (!hasSettled(certificateText + keyText)) return held;
    }
    held = { certificate: certificateText, key: new Secret(keyText) };
    return held;
  }

  /** Whether half of the pair changed long enough ago for the other half not to follow. */
  function hasSettled(texts: string): boolean {
    certificate.check();
    key.check();
    const nowMs = host.clock.elapsed();
    if (halfChanged?.texts !== texts) halfChanged = { sinceMs: nowMs, texts };
    return nowMs - halfChanged.sinceMs >= pairSettleMs;
  }

  return {
    async current() {
      const [from, ...texts] = await Promise.all([
        header.current(),
        certificate.current(),
        key.current(),
      ]);
      const clientCertificate = pairOf(...texts);
      if (combined?.from === from && combined.credential.clientCertificate === clientCertificate) {
        return combined.credential;
      }
      combined = { from, credential: { ...from, clientCertificate } };
      return combined.credential;
    },
    invalidate(credential) {
      if (combined?.credential !== credential) return;
      header.invalidate(combined.from);
      certificate.check();
      key.check();
    },
  };
}

interface ReloadingPem {
  current(): Promise<string>;
  check(): void;
}

function reloadingPem(
  host: { readonly files: Files; readonly clock: Clock },
  { path, text }: PemSource,
  isUsable: (text: string) => boolean,
): ReloadingPem {
  if (path === undefined) return { current: async () => text, check() {} };
  const checkMsMin = clientCertificateCheckMsMin;
  const file = reloadingFile(host, { path, initial: text, checkMsMin, isUsable });
  return { current: async () => (await file.current()) ?? text, check: () => file.check() };
}
