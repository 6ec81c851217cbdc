import {
  DerError,
  type DerValue,
  contentOf,
  derBytes,
  derTags,
  readDerMembers,
  readDerValues,
  readObjectIdentifier,
} from './der.ts';
import {
  type AlternativeNames,
  type CertificateSubject,
  readAlternativeNames,
  readSubject,
} from './names.ts';
import { readPemBlocks } from './pem.ts';

/** What a request for a certificate asks for; whether it is signed is not looked at here. */
export interface CertificateRequestFacts extends AlternativeNames {
  readonly subject: CertificateSubject;
  /** The whole distinguished name, with what `subject` has no field for. */
  readonly subjectName: DerValue;
  /** DER, SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array;
}

/** What is signed, and how. */
export interface CertificateRequestSignature {
  readonly signedBytes: Uint8Array;
  readonly algorithm: DerValue;
  readonly signature: Uint8Array;
}

/**
 * Reads a request for a certificate in PEM.
 *
 * Errors: `DerError` when it is none. Source: RFC 2986 §4.
 */
export function readCertificateRequest(
  pem: string,
): CertificateRequestFacts & CertificateRequestSignature {
  const [block] = readPemBlocks(pem);
  if (block?.type !== 'CERTIFICATE REQUEST') {
    throw new DerError('PEM block type must be CERTIFICATE REQUEST');
  }
  const [request, ...more] = readDerValues(block.der);
  if (more.length > 0) throw new DerError('something follows the request');
  const [information, algorithm, signature] = readDerMembers(request, derTags.sequence);
  const [version, subjectName, publicKey, attributes] = readDerMembers(
    information,
    derTags.sequence,
  );
  if (information === undefined || algorithm === undefined) {
    throw new DerError('the request is not signed');
  }
  if (contentOf(version, derTags.integer)[0] !== 0) throw new DerError('the version is not known');
  if (subjectName === undefined) throw new DerError('the request has no subject');
  contentOf(publicKey, derTags.sequence);
  return {
    subject: readSubject(subjectName),
    subjectName,
    publicKey: publicKey === undefined ? new Uint8Array() : derBytes(publicKey),
    ...readAlternativeNames(readRequestedExtensions(attributes)),
    signedBytes: derBytes(information),
    algorithm,
    signature: bytesOfBits(signature),
  };
}

function bytesOfBits(value: DerValue | undefined): Uint8Array {
  const content = contentOf(value, derTags.bitString);
  if (content[0] !== 0) throw new DerError('a signature is no whole number of bytes');
  return content.subarray(1);
}

const tagOfAttributes = 0xa0;
const extensionRequest = '1.2.840.113549.1.9.14';

function readRequestedExtensions(attributes: DerValue | undefined): readonly DerValue[] {
  if (attributes === undefined) return [];
  const found: DerValue[] = [];
  const types = new Set<string>();
  for (const attribute of readDerMembers(attributes, tagOfAttributes)) {
    const [type, values] = readDerMembers(attribute, derTags.sequence);
    if (readObjectIdentifier(type) !== extensionRequest) continue;
    const [list] = readDerMembers(values, derTags.set);
    for (const extension of readDerMembers(list, derTags.sequence)) {
      const kind = readObjectIdentifier(readDerMembers(extension, derTags.sequence)[0]);
      if (types.has(kind)) throw new DerError(`the extension ${kind} is requested twice`);
      types.add(kind);
      found.push(extension);
    }
  }
  return found;
}
