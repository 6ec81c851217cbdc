import type { CertificateSigningRequest } from '@fairway/kinds/certificates/v1';
import {
  type CertificateRequestFacts,
  DerError,
  readCertificateRequest,
} from '@fairway/certificates';

type ConditionType = 'Approved' | 'Denied' | 'Failed';

export function hasCondition({ status }: CertificateSigningRequest, type: ConditionType): boolean {
  return status?.conditions?.some((each) => each.type === type && each.status === 'True') === true;
}

/** Whether somebody has said yes or no already. */
export function isDecided(request: CertificateSigningRequest): boolean {
  const isSigned = (request.status?.certificate ?? '') !== '';
  return isSigned || hasCondition(request, 'Approved') || hasCondition(request, 'Denied');
}

/** The request as one that a controller has approved. */
export function approvedBecause(
  request: CertificateSigningRequest,
  message: string,
): CertificateSigningRequest {
  const condition = { type: 'Approved', status: 'True', reason: 'AutoApproved', message } as const;
  const conditions = [...(request.status?.conditions ?? []), condition];
  return { ...request, status: { ...request.status, conditions } };
}

/** The request within, in PEM. */
export function pemOf({ spec }: CertificateSigningRequest): string {
  return Buffer.from(spec?.request ?? '', 'base64').toString('latin1');
}

/** What a request asks for; undefined when it is none, as an earlier version may have stored. */
export function readRequest(
  request: CertificateSigningRequest,
): CertificateRequestFacts | undefined {
  try {
    return readCertificateRequest(pemOf(request));
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    return undefined;
  }
}
