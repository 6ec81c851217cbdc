import { createPublicKey, hash } from 'node:crypto';
import {
  type CertificateSubject,
  makeCertificateRequest,
  readCertificateRequest,
} from '@fairway/certificates';
import { type Client, ConnectionError, isAlreadyExists } from '@fairway/client';
import type { Secret } from '@fairway/host';
import {
  CertificateSigningRequest,
  type CertificateSigningRequestSpec,
} from '@fairway/kinds/certificates/v1';
import { ApiError } from '@fairway/protocol';

/** What a node wants to be certified. */
export interface CertificateWish {
  readonly signerName: string;
  readonly usages: NonNullable<CertificateSigningRequestSpec['usages']>;
  readonly subject: CertificateSubject;
  /** DNS names and IP addresses. */
  readonly names: readonly string[];
}

/** Source: certificates.k8s.io/v1, signers of Kubernetes. */
export function clientCertificateOf(nodeName: string): CertificateWish {
  return {
    signerName: 'kubernetes.io/kube-apiserver-client-kubelet',
    usages: ['digital signature', 'client auth'],
    subject: subjectOf(nodeName),
    names: [],
  };
}

/** `names`: those under which the API server reaches the node. */
export function servingCertificateOf(nodeName: string, names: readonly string[]): CertificateWish {
  return {
    signerName: 'kubernetes.io/kubelet-serving',
    usages: ['digital signature', 'server auth'],
    subject: subjectOf(nodeName),
    names,
  };
}

function subjectOf(nodeName: string): CertificateSubject {
  return { commonName: `system:node:${nodeName}`, organizations: ['system:nodes'] };
}

export type CertificateOutcome =
  | { readonly kind: 'issued'; readonly certificate: string }
  /** Somebody has said no; the same request will not be answered otherwise. */
  | { readonly kind: 'refused'; readonly why: string };

/** How long nobody may decide until somebody is told that they have to. */
const quietMs = 10_000;
/** After this long it is looked whether the request is still there: those that nobody decides are deleted. */
const lookAgainMs = 15 * 60_000;

/**
 * Asks for a certificate of a key, and waits until the request is decided. One that was made with the same key
 * and not answered is taken up, so that an agent that was killed meanwhile goes on with its own.
 *
 * Errors: what the API answers; the reason of the signal.
 */
export async function requestCertificate(
  client: Client,
  asked: {
    readonly wish: CertificateWish;
    readonly key: Secret;
    /** Told once, with the name of the request, where nobody has decided for a while. */
    readonly onPending: (name: string) => void;
  },
  signal: AbortSignal,
): Promise<CertificateOutcome> {
  const { wish, key, onPending } = asked;
  const name = requestName(wish, key);
  const quiet = client.clock.schedule(quietMs, () => onPending(name));
  try {
    for (;;) {
      const made = await ensureRequest(client, { name, wish, key }, signal);
      const outcome = outcomeOf(made, key) ?? (await decided(client, { name, key }, signal));
      if (outcome !== undefined) return outcome;
    }
  } finally {
    quiet.cancel();
  }
}

/** The same for the same wish and key, and to be guessed by nobody. */
function requestName({ signerName, subject, names }: CertificateWish, key: Secret): string {
  const wanted = JSON.stringify([signerName, subject, names]);
  const text = Buffer.concat([Buffer.from(wanted), publicKeyOf(key)]);
  return `node-csr-${hash('sha256', text, 'hex').slice(0, 40)}`;
}

function publicKeyOf(key: Secret): Buffer {
  return createPublicKey(key.reveal()).export({ type: 'spki', format: 'der' });
}

async function ensureRequest(
  client: Client,
  {
    name,
    wish,
    key,
  }: { readonly name: string; readonly wish: CertificateWish; readonly key: Secret },
  signal: AbortSignal,
): Promise<CertificateSigningRequest> {
  const { signerName, usages, subject, names } = wish;
  const found = await client.find(CertificateSigningRequest, name, { signal });
  if (found !== undefined) return found;
  const request = Buffer.from(await makeCertificateRequest(key, { subject, names }));
  try {
    return await client.create(
      CertificateSigningRequest,
      { metadata: { name }, spec: { signerName, usages, request: request.toString('base64') } },
      { signal },
    );
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    return client.get(CertificateSigningRequest, name, { signal });
  }
}

/** Undefined where nobody has decided in a long time. */
async function decided(
  client: Client,
  { name, key }: { readonly name: string; readonly key: Secret },
  signal: AbortSignal,
): Promise<CertificateOutcome | undefined> {
  const isDecided = (request: CertificateSigningRequest): boolean =>
    outcomeOf(request, key) !== undefined;
  try {
    const options = { timeoutMs: lookAgainMs, signal };
    const request = await client.waitFor(CertificateSigningRequest, name, isDecided, options);
    return request === undefined ? undefined : outcomeOf(request, key);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof ApiError || error instanceof ConnectionError) throw error;
    return undefined;
  }
}

function outcomeOf(
  { spec, status }: CertificateSigningRequest,
  key: Secret,
): CertificateOutcome | undefined {
  if (!isOf(spec?.request ?? '', key)) {
    return { kind: 'refused', why: 'somebody else has made a request of this name' };
  }
  const no = status?.conditions?.find(({ type }) => type === 'Denied' || type === 'Failed');
  if (no !== undefined) {
    const why = [no.reason, no.message].filter((each) => each !== undefined && each !== '');
    return { kind: 'refused', why: `the request was ${no.type.toLowerCase()}: ${why.join(': ')}` };
  }
  const certificate = Buffer.from(status?.certificate ?? '', 'base64').toString();
  return certificate === '' ? undefined : { kind: 'issued', certificate };
}

function isOf(base64: string, key: Secret): boolean {
  try {
    const { publicKey } = readCertificateRequest(Buffer.from(base64, 'base64').toString());
    return publicKeyOf(key).equals(publicKey);
  } catch {
    return false;
  }
}
