import { X509Certificate, createPrivateKey } from 'node:crypto';
import { isIP } from 'node:net';
import { type Clock, type Files, type Random, Secret, messageOf } from '@fairway/host';
import { canonicalIp } from './canonical-ip.ts';
import type { CertifiedKey } from './authority-signer.ts';
import {
  type CertificateUse,
  type IssueOptions,
  issueCertificate,
  makeCertificateAuthority,
  renewCertificateAuthority,
} from './issue-certificate.ts';
import type { CertificateSubject } from './names.ts';
import { type CertificateFacts, readCertificate } from './read-certificate.ts';

export interface EnsureClientsOptions {
  readonly files: Files;
  readonly clock: Clock;
  readonly random: Random;
  /** Holds `ca.crt`, `ca.key`, `server.crt`, …; made when missing. */
  readonly directory: string;
  readonly authorityName: string;
  /** Of the authority, without ending; `ca` when absent. */
  readonly authorityFile?: string;
  /** Client certificates to have, by file name without ending. */
  readonly clients: Readonly<Record<string, CertificateSubject>>;
}

export interface EnsureCertificatesOptions extends EnsureClientsOptions {
  /** DNS names and IP addresses of the server, the first of them as its common name. */
  readonly serverNames: readonly string[];
}

export interface EnsuredClients {
  readonly authority: CertifiedKey;
  /** By the names of `EnsureClientsOptions.clients`. */
  readonly clients: Readonly<Record<string, CertifiedKey>>;
}

export interface EnsuredCertificates extends EnsuredClients {
  readonly server: CertifiedKey;
}

/** What is in the folder cannot be used, and making it anew is not ours to decide. */
export class CertificateError extends Error {
  override readonly name = 'CertificateError';
  readonly path: string;
  readonly problem: 'authority-key-missing' | 'authority-unusable' | 'authority-not-valid-now';

  constructor(
    path: string,
    {
      problem,
      text,
      cause,
    }: { problem: CertificateError['problem']; text: string; cause?: unknown },
  ) {
    super(`cannot use the certificate authority ${path}: ${text}`, { cause });
    this.path = path;
    this.problem = problem;
  }
}

/**
 * Loads the certificates of a folder, and makes those that are missing, expire within 30 days, are
 * not valid yet (a clock was wrong), belong to another authority, or name something else than asked
 * for. The authority is made for ten years, and signed again with the same key when its time is
 * over or has not come. Keys have mode 0600.
 *
 * Errors: `CertificateError` when the authority is damaged or without its key, and when one that
 * somebody else has certified is not valid now.
 */
export async function ensureCertificates(
  options: EnsureCertificatesOptions,
): Promise<EnsuredCertificates> {
  const { authority, clients } = await ensureClientCertificates(options);
  const { serverNames } = options;
  const server = await ensureCertified('server', authority, {
    ...options,
    use: { kind: 'server', names: serverNames },
    subject: { commonName: serverNames[0] ?? '', organizations: [] },
  });
  return { authority, server, clients };
}

/** The same where there are clients only. */
export async function ensureClientCertificates(
  options: EnsureClientsOptions,
): Promise<EnsuredClients> {
  await options.files.makeDirectory(options.directory, { mode: 0o700 });
  const authority = await ensureAuthority(options);
  const clients: Record<string, CertifiedKey> = {};
  for (const [name, subject] of Object.entries(options.clients)) {
    const use = { kind: 'client' } as const;
    clients[name] = await ensureCertified(name, authority, { ...options, use, subject });
  }
  return { authority, clients };
}

const dayMs = 24 * 3_600_000;
const authorityValidityMs = 3650 * dayMs;
const renewBeforeMs = 30 * dayMs;

async function ensureAuthority(options: EnsureClientsOptions): Promise<CertifiedKey> {
  const { authorityFile: file = 'ca' } = options;
  const path = `${options.directory}/${file}.crt`;
  const [certificate, key] = await loadPair(options, file);
  // A key without a certificate has certified nothing: a first start was cut off here.
  if (certificate === undefined) {
    const { authorityName, clock, random } = options;
    const subject = { commonName: authorityName, organizations: [] };
    const made = await makeCertificateAuthority({
      subject,
      clock,
      random,
      validityMs: authorityValidityMs,
    });
    await savePair(options, file, made);
    return made;
  }
  if (key === undefined) {
    const remedy = `restore it, or remove ${file}.crt to make a new authority`;
    const text = `its key ${file}.key is missing; ${remedy}`;
    throw new CertificateError(path, { problem: 'authority-key-missing', text });
  }
  const existing = { certificate, key: new Secret(key) };
  const facts = readAuthority(path, existing);
  if (isCurrent(facts, options.clock)) return existing;
  if (!facts.isSelfSigned) return useOfOthers(path, { existing, facts, clock: options.clock });
  const { clock, random } = options;
  const renewed = await renewCertificateAuthority(existing, {
    clock,
    random,
    validityMs: authorityValidityMs,
  });
  await savePair(options, file, renewed);
  return renewed;
}

function remedyOf(path: string): string {
  const file = path.split('/').at(-1);
  return `restore it, or remove ${file} to make a new authority (clients must learn it)`;
}

interface AuthorityFacts extends CertificateFacts {
  readonly isSelfSigned: boolean;
}

function readAuthority(path: string, { certificate, key }: CertifiedKey): AuthorityFacts {
  try {
    const facts = readCertificate(certificate);
    const parsed = new X509Certificate(certificate);
    if (!parsed.checkPrivateKey(createPrivateKey(key.reveal()))) {
      throw new Error(
        `${path.split('/').at(-1)?.replace(/crt$/, 'key')} belongs to another certificate`,
      );
    }
    return { ...facts, isSelfSigned: parsed.checkIssued(parsed) };
  } catch (cause) {
    const why = messageOf(cause);
    const text = `${why}; ${remedyOf(path)}`;
    throw new CertificateError(path, { problem: 'authority-unusable', text, cause });
  }
}

/** An authority that another one has certified: only that one could give it more time. */
function useOfOthers(
  path: string,
  authority: {
    readonly existing: CertifiedKey;
    readonly facts: CertificateFacts;
    readonly clock: Clock;
  },
): CertifiedKey {
  const { existing, facts, clock } = authority;
  const [from, to] = [facts.notBeforeMs, facts.notAfterMs];
  if (from <= clock.now() && clock.now() < to) return existing;
  const [begin, end] = [from, to].map((ms) => new Date(ms).toISOString());
  const text = `it is valid from ${begin} to ${end} only; check the clock, ${remedyOf(path)}`;
  throw new CertificateError(path, { problem: 'authority-not-valid-now', text });
}

/** True while a certificate is valid, and will be for a while. */
function isCurrent({ notBeforeMs, notAfterMs }: CertificateFacts, clock: Clock): boolean {
  return notBeforeMs <= clock.now() && notAfterMs - clock.now() > renewBeforeMs;
}

interface Wanted extends EnsureClientsOptions {
  readonly use: CertificateUse;
  readonly subject: CertificateSubject;
}

async function ensureCertified(
  name: string,
  authority: CertifiedKey,
  wanted: Wanted,
): Promise<CertifiedKey> {
  const [certificate, key] = await loadPair(wanted, name);
  if (certificate !== undefined && key !== undefined) {
    const existing = { certificate, key: new Secret(key) };
    if (isAsWanted(existing, authority, wanted)) return existing;
  }
  const { subject, clock, random } = wanted;
  const issueOptions: IssueOptions = { subject, clock, random };
  const made = await issueCertificate(authority, wanted.use, issueOptions);
  await savePair(wanted, name, made);
  return made;
}

function isAsWanted(existing: CertifiedKey, authority: CertifiedKey, wanted: Wanted): boolean {
  try {
    const facts = readCertificate(existing.certificate);
    const parsed = new X509Certificate(existing.certificate);
    const issuer = new X509Certificate(authority.certificate);
    const names = wanted.use.kind === 'server' ? wanted.use.names : [];
    return (
      isCurrent(facts, wanted.clock) &&
      parsed.checkIssued(issuer) &&
      parsed.verify(issuer.publicKey) &&
      parsed.checkPrivateKey(createPrivateKey(existing.key.reveal())) &&
      sameSet([...facts.dnsNames, ...facts.ipAddresses], names.map(canonicalName)) &&
      facts.subject.commonName === wanted.subject.commonName &&
      facts.subject.uid === wanted.subject.uid &&
      sameSet(facts.subject.organizations, wanted.subject.organizations)
    );
  } catch {
    // Unreadable, so it is made anew like a missing one: the authority stands, nothing is lost.
    return false;
  }
}

function canonicalName(name: string): string {
  const address = canonicalIp(name);
  return isIP(address) === 0 ? name : address;
}

function sameSet(left: readonly string[], right: readonly string[]): boolean {
  const wanted = new Set(right);
  return new Set(left).size === wanted.size && left.every((each) => wanted.has(each));
}

async function loadPair(
  { files, directory }: EnsureClientsOptions,
  name: string,
): Promise<[certificate: string | undefined, key: string | undefined]> {
  const certificate = await files.read(`${directory}/${name}.crt`);
  const key = await files.read(`${directory}/${name}.key`);
  return [textOf(certificate), textOf(key)];
}

function textOf(bytes: Uint8Array | undefined): string | undefined {
  return bytes === undefined ? undefined : Buffer.from(bytes).toString();
}

// The key first: a certificate without its key would look like a lost key.
async function savePair(
  { files, directory }: EnsureClientsOptions,
  name: string,
  { certificate, key }: CertifiedKey,
): Promise<void> {
  await files.write(`${directory}/${name}.key`, Buffer.from(key.reveal()), { mode: 0o600 });
  await files.write(`${directory}/${name}.crt`, Buffer.from(certificate), { mode: 0o644 });
}
