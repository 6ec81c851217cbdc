import type { Client } from '@fairway/client';
import {
  CertificateSigningRequest,
  type CertificateSigningRequestStatus,
} from '@fairway/kinds/certificates/v1';
import type { Controller } from '@fairway/reconcile';
import { type CertifiedKey, signCertificateRequest } from '@fairway/certificates';
import { sharedController } from '../caches/shared-controller.ts';
import type { ControllerParts } from '../controller-parts.ts';
import { writeStatus } from '../write-status.ts';
import { hasCondition, pemOf, readRequest } from './request-state.ts';
import { signerRules } from './signers.ts';

const dayMs = 24 * 3_600_000;
/** As `--cluster-signing-duration` of kube-controller-manager, unless it is told otherwise. */
const validityMsMax = 365 * dayMs;
const validityMsMin = 10 * 60_000;

/** Signs approved requests in the name of the cluster's authority, for the signers of Kubernetes. */
export function signRequests(parts: ControllerParts): Controller | undefined {
  const { client, authorityCertificate, authorityKey } = parts;
  if (authorityKey === undefined) return undefined;
  const authority: CertifiedKey = { certificate: authorityCertificate, key: authorityKey };
  return sharedController(parts, CertificateSigningRequest, {
    async reconcile(call) {
      const { object: request } = call;
      if (request === undefined || !isToBeSigned(request)) return;
      const outcome = await judgeAndSign(authority, request, client);
      if (outcome === undefined) return;
      const status = { ...request.status, ...outcome };
      await writeStatus(call, CertificateSigningRequest, { object: request, status });
    },
  });
}

type Outcome = Pick<CertificateSigningRequestStatus, 'certificate' | 'conditions'>;

/** The certificate, or why there is none; undefined for a request that somebody else signs. */
async function judgeAndSign(
  authority: CertifiedKey,
  request: CertificateSigningRequest,
  { clock, random }: Client,
): Promise<Outcome | undefined> {
  const { usages = [], expirationSeconds, signerName = '' } = request.spec ?? {};
  const check = signerRules.get(signerName);
  const facts = readRequest(request);
  if (check === undefined || facts === undefined) return undefined;
  const message = check(facts, usages);
  if (message !== undefined) {
    const refusal = { type: 'Failed', status: 'True', reason: 'SignerValidationFailure' } as const;
    return { conditions: [...(request.status?.conditions ?? []), { ...refusal, message }] };
  }
  const validityMs = lifetimeMs(expirationSeconds);
  const signing = { usages, validityMs, clock, random };
  const pem = await signCertificateRequest(authority, pemOf(request), signing);
  return { certificate: Buffer.from(pem).toString('base64') };
}

function isToBeSigned(request: CertificateSigningRequest): boolean {
  const isSigned = (request.status?.certificate ?? '') !== '';
  if (isSigned || hasCondition(request, 'Denied')) return false;
  return hasCondition(request, 'Approved') && !hasCondition(request, 'Failed');
}

function lifetimeMs(expirationSeconds: number | undefined): number {
  const asked = expirationSeconds === undefined ? validityMsMax : expirationSeconds * 1_000;
  return Math.min(validityMsMax, Math.max(validityMsMin, asked));
}
