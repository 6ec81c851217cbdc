import { DerError, readCertificateRequest, readNameTexts } from '@fairway/certificates';
import { type Shown, formatLabels } from '@fairway/kind-rules/shown';
import { CertificateSigningRequest } from '@fairway/kinds/certificates/v1';
import { humanDuration } from '@fairway/protocol';
import { CommandError } from '../../command-error.ts';
import { describerOf } from '../describer.ts';
import { type Lines, field, lines } from '../lines.ts';
import { timeText } from '../moment.ts';

/** Describes a request for a certificate: who asks, and for which names. */
export const certificateSigningRequest = describerOf<CertificateSigningRequest>({
  resource: CertificateSigningRequest,
  describe: (request, _, moment) => {
    const { metadata, spec = {} } = request;
    const { expirationSeconds, signerName } = spec;
    return lines(
      field('Name', metadata?.name ?? ''),
      field('Labels', formatLabels(metadata?.labels)),
      field('Annotations', formatLabels(metadata?.annotations)),
      field('CreationTimestamp', timeText(metadata?.creationTimestamp, moment)),
      field('Requesting User', spec.username ?? ''),
      signerName ? field('Signer', signerName) : undefined,
      expirationSeconds === undefined
        ? undefined
        : field('Requested Duration', humanDuration(expirationSeconds * 1000)),
      field('Status', statusText(request)),
      nameLines(spec.request ?? ''),
    );
  },
});

function statusText({ status = {} }: Shown<CertificateSigningRequest>): string {
  const types = new Set((status.conditions ?? []).map(({ type }) => type));
  const decision = types.has('Denied') ? 'Denied' : types.has('Approved') ? 'Approved' : 'Pending';
  return [
    decision,
    ...(types.has('Failed') ? ['Failed'] : []),
    ...(status.certificate ? ['Issued'] : []),
  ].join(',');
}

/** The kinds of texts in a subject that are told of, by their identifiers. Source: X.520. */
const subjectTexts = [
  ['Organization', '2.5.4.10'],
  ['Organizational Unit', '2.5.4.11'],
  ['Country', '2.5.4.6'],
  ['Locality', '2.5.4.7'],
  ['Province', '2.5.4.8'],
  ['StreetAddress', '2.5.4.9'],
  ['PostalCode', '2.5.4.17'],
] as const;
const commonName = '2.5.4.3';
const serialNumber = '2.5.4.5';

function nameLines(base64: string): Lines {
  const facts = readRequest(base64);
  const texts = readNameTexts(facts.subjectName);
  const alternatives = lines(
    listLines('DNS Names', facts.dnsNames),
    listLines('Email Addresses', facts.emailAddresses),
    listLines('URIs', facts.uris),
    listLines('IP Addresses', facts.ipAddresses),
  );
  return lines(
    'Subject:',
    `\t${field('Common Name', texts.get(commonName)?.at(-1) ?? '')}`,
    `\t${field('Serial Number', texts.get(serialNumber)?.at(-1) ?? '')}`,
    subjectTexts.flatMap(([label, identifier]) => listLines(label, texts.get(identifier))),
    alternatives.length === 0 ? undefined : ['Subject Alternative Names:', ...alternatives],
  );
}

function readRequest(base64: string): ReturnType<typeof readCertificateRequest> {
  try {
    return readCertificateRequest(Buffer.from(base64, 'base64').toString());
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    throw new CommandError(`Error parsing CSR: ${error.message}`, { cause: error });
  }
}

function listLines(label: string, values: readonly string[] = []): Lines {
  const [first, ...more] = values;
  if (first === undefined) return [];
  return [`\t${field(label, first)}`, ...more.map((value) => `\t\t${value}`)];
}
