import { canonicalIp } from './canonical-ip.ts';
import {
  DerError,
  type DerValue,
  contentOf,
  derTags,
  readDerMembers,
  readDerText,
  readDerValues,
  readObjectIdentifier,
} from './der.ts';

/** Whom a certificate names: for Kubernetes the user, the groups and the user's uid. */
export interface CertificateSubject {
  /** The last one when there are several; empty when there is none. */
  readonly commonName: string;
  readonly organizations: readonly string[];
  readonly uid?: string;
}

/** The names of a subject beside its own, each kind in the order in which they stand. */
export interface AlternativeNames {
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  readonly emailAddresses: readonly string[];
  readonly uris: readonly string[];
}

const commonName = '2.5.4.3';
const organization = '2.5.4.10';
/** Source: KEP-4993 (user uid in a client certificate); an arc of the Kubernetes project. */
export const userUid = '1.3.6.1.4.1.57683.2';

export function readSubject(subject: DerValue): CertificateSubject {
  const found = new Map<string, string[]>();
  for (const { type, value } of readNameAttributes(subject)) {
    if (type !== commonName && type !== organization && type !== userUid) continue;
    const values = found.get(type) ?? [];
    values.push(readDerText(value));
    found.set(type, values);
  }
  const uid = found.get(userUid)?.at(-1);
  return {
    commonName: found.get(commonName)?.at(-1) ?? '',
    organizations: found.get(organization) ?? [],
    ...(uid === undefined ? {} : { uid }),
  };
}

/** The texts of a distinguished name by their object identifiers, each kind in its order. */
export function readNameTexts(name: DerValue): ReadonlyMap<string, readonly string[]> {
  const texts = new Map<string, string[]>();
  for (const { type, value } of readNameAttributes(name)) {
    const known = texts.get(type);
    if (known === undefined) texts.set(type, [readDerText(value)]);
    else known.push(readDerText(value));
  }
  return texts;
}

/** The attributes of a distinguished name, in their order. */
export function* readNameAttributes(
  name: DerValue,
): Generator<{ readonly type: string; readonly value: DerValue | undefined }> {
  for (const relativeName of readDerMembers(name, derTags.sequence)) {
    for (const attribute of readDerMembers(relativeName, derTags.set)) {
      const [type, value] = readDerMembers(attribute, derTags.sequence);
      yield { type: readObjectIdentifier(type), value };
    }
  }
}

const subjectAlternativeName = '2.5.29.17';
const tagOfEmailAddress = 0x81;
const tagOfDnsName = 0x82;
const tagOfUri = 0x86;
const tagOfIpAddress = 0x87;

/** Reads the names in a list of extensions. */
export function readAlternativeNames(extensions: readonly DerValue[]): AlternativeNames {
  const texts = new Map<number, string[]>();
  const ipAddresses: string[] = [];
  for (const extension of extensions) {
    const members = readDerMembers(extension, derTags.sequence);
    if (readObjectIdentifier(members[0]) !== subjectAlternativeName) continue;
    const [names] = readDerValues(contentOf(members.at(-1), derTags.octetString));
    for (const { tag, content } of readDerMembers(names, derTags.sequence)) {
      if (tag === tagOfIpAddress) ipAddresses.push(formatIp(content));
      else {
        const known = texts.get(tag) ?? [];
        known.push(Buffer.from(content).toString('latin1'));
        texts.set(tag, known);
      }
    }
  }
  return {
    dnsNames: texts.get(tagOfDnsName) ?? [],
    ipAddresses,
    emailAddresses: texts.get(tagOfEmailAddress) ?? [],
    uris: texts.get(tagOfUri) ?? [],
  };
}

function formatIp(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.');
  if (bytes.length !== 16) throw new DerError('an IP address has neither 4 nor 16 bytes');
  const hex = Buffer.from(bytes).toString('hex');
  return canonicalIp(hex.replaceAll(/(....)(?!$)/g, '$1:'));
}
