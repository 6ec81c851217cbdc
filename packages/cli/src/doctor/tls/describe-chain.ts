import type { Finding } from '../step.ts';
import { when } from '../when.ts';
import { nameIn, namesOf } from './certificate-names.ts';
import type { Presented } from './present-certificate.ts';

/** What a handshake showed, in a line. */
export function describe({ chain, protocol, alpn }: Presented, nowMs: number): string {
  const [leaf] = chain;
  if (leaf === undefined) return protocol;
  const end = when(Date.parse(leaf.validTo), nowMs);
  return `${protocol}, ${alpn ?? 'no ALPN'}, a certificate of ${nameIn(leaf.issuer)}, until ${end}`;
}

/** The same for programs. */
export function detailsOf({
  chain,
  protocol,
  alpn,
  doubt,
}: Presented): NonNullable<Finding['details']> {
  return {
    protocol,
    alpn: alpn ?? null,
    doubt: doubt ?? null,
    chain: chain.map((each) => ({
      subject: nameIn(each.subject),
      issuer: nameIn(each.issuer),
      notBefore: new Date(each.validFrom).toISOString(),
      notAfter: new Date(each.validTo).toISOString(),
      fingerprint: each.fingerprint256.replaceAll(':', '').toLowerCase(),
    })),
    names: chain[0] === undefined ? [] : namesOf(chain[0]),
  };
}
