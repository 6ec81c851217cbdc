import type { X509Certificate } from 'node:crypto';
import { checkServerIdentity } from 'node:tls';
import { humanDuration } from '@fairway/protocol';
import { when } from '../when.ts';
import { findInterceptor } from './interceptors.ts';
import { nameIn, namesOf } from './certificate-names.ts';
import type { Presented } from './present-certificate.ts';

/** One thing wrong with how a server proves itself. */
export interface ChainProblem {
  readonly kind:
    | 'intercepted'
    | 'self-signed'
    | 'other-authority'
    | 'intermediate-missing'
    | 'untrusted'
    | 'expired'
    | 'not-yet-valid'
    | 'name';
  readonly text: string;
}

export interface Expected {
  /** The name or address that the certificate must have. */
  readonly name: string;
  /** What is trusted; undefined: the authorities of the system. */
  readonly authorities: readonly X509Certificate[] | undefined;
  readonly nowMs: number;
}

/** Everything that is wrong with a chain, the cause before what follows from it. Nothing, where none was shown. */
export function judgeChain(
  presented: Presented | undefined,
  expected: Expected,
): readonly ChainProblem[] {
  if (presented === undefined) return [];
  const [leaf] = presented.chain;
  if (leaf === undefined) {
    return [{ kind: 'untrusted', text: 'the server shows no certificate' }];
  }
  return [
    ...judgeTrust(presented, leaf, expected),
    ...judgeDates(presented.chain, expected.nowMs),
    ...judgeName(leaf, expected.name),
  ];
}

/** OpenSSL's words for a certificate at the wrong time: `judgeDates` says it with the dates. */
const dateDoubts = new Set(['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID']);

function judgeTrust(
  { chain, doubt }: Presented,
  leaf: X509Certificate,
  { authorities }: Expected,
): readonly ChainProblem[] {
  if (doubt === undefined) return [];
  // Of several doubts OpenSSL tells the last one, and dates come last.
  if (dateDoubts.has(doubt) && (authorities === undefined || leadsTo(chain, authorities)))
    return [];
  const issuer = nameIn(leaf.issuer);
  const interceptor = findInterceptor(chain.map((each) => each.issuer));
  if (interceptor !== undefined) {
    const text = `TLS is intercepted: the certificate is issued by ${issuer}, which is ${interceptor}, and not by the authority of the cluster`;
    return [{ kind: 'intercepted', text }];
  }
  if (leaf.subject === leaf.issuer) {
    const text = `the certificate of ${nameIn(leaf.subject)} has signed itself, and is not one that is trusted here`;
    return [{ kind: 'self-signed', text }];
  }
  const trusted =
    authorities === undefined
      ? 'the authorities of this system'
      : `the authority of the configuration (${authorities.map((each) => nameIn(each.subject)).join('; ')})`;
  if (authorities?.some((each) => each.subject === leaf.issuer) === true) {
    const text = `the certificate is issued by another ${issuer} than the one that is trusted here: same name, other key, as after a cluster was made anew`;
    return [{ kind: 'other-authority', text }];
  }
  if (chain.length === 1 && hasPublicIssuer(leaf, authorities)) {
    const text = `the server sends its own certificate and not the one of its issuer ${issuer}, so nothing leads from it to ${trusted}`;
    return [{ kind: 'intermediate-missing', text }];
  }
  const text = `the certificate is issued by ${issuer}, and not by ${trusted} (${doubt})`;
  return [{ kind: 'untrusted', text }];
}

function leadsTo(
  chain: readonly X509Certificate[],
  authorities: readonly X509Certificate[],
): boolean {
  return chain.some((each) =>
    authorities.some(
      (authority) =>
        each.fingerprint256 === authority.fingerprint256 ||
        (each.checkIssued(authority) && each.verify(authority.publicKey)),
    ),
  );
}

/**
 * Whether a certificate that comes alone looks like one of several steps: it says where its issuer is to be
 * had, public authorities are asked, or an authority of the same organization is trusted.
 */
function hasPublicIssuer(
  leaf: X509Certificate,
  authorities: readonly X509Certificate[] | undefined,
): boolean {
  if (authorities === undefined || leaf.infoAccess?.includes('CA Issuers') === true) return true;
  const organization = organizationOf(leaf.issuer);
  return (
    organization !== undefined &&
    authorities.some(({ subject }) => organizationOf(subject) === organization)
  );
}

function organizationOf(name: string): string | undefined {
  return name.split('\n').find((line) => line.startsWith('O='));
}

function judgeDates(chain: readonly X509Certificate[], nowMs: number): readonly ChainProblem[] {
  return chain.flatMap((each, index): readonly ChainProblem[] => {
    const which =
      index === 0 ? 'the certificate of the server' : `the authority ${nameIn(each.subject)}`;
    const [fromMs, toMs] = [Date.parse(each.validFrom), Date.parse(each.validTo)];
    if (nowMs > toMs) {
      return [
        { kind: 'expired', text: `${which} has expired: it was valid until ${when(toMs, nowMs)}` },
      ];
    }
    if (nowMs >= fromMs) return [];
    const text = `${which} is not yet valid: it will be from ${when(fromMs, nowMs)}`;
    return [{ kind: 'not-yet-valid', text }];
  });
}

function judgeName(leaf: X509Certificate, name: string): readonly ChainProblem[] {
  if (checkServerIdentity(name, leaf.toLegacyObject()) === undefined) return [];
  const names = namesOf(leaf);
  const list = names.length === 0 ? 'no name at all' : names.join(', ');
  return [{ kind: 'name', text: `the certificate is not for ${name}: it has ${list}` }];
}

/** A certificate that is about to expire; undefined when there is time. */
export function soonOver(chain: readonly X509Certificate[], nowMs: number): string | undefined {
  const leftMs = Math.min(...chain.map((each) => Date.parse(each.validTo) - nowMs));
  return leftMs < soonMs ? `it expires in ${humanDuration(leftMs)}` : undefined;
}

const soonMs = 7 * 24 * 3_600_000;
