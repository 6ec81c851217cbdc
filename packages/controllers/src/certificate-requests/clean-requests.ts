import { CertificateSigningRequest } from '@fairway/kinds/certificates/v1';
import { parseTime } from '@fairway/protocol';
import { type Controller, requeueAfter, deleteUnlessOutdated } from '@fairway/reconcile';
import { readCertificate } from '@fairway/certificates';
import { sharedController } from '../caches/shared-controller.ts';
import type { ControllerParts } from '../controller-parts.ts';

const hourMs = 3_600_000;
/** How long a request stays once it has been signed, denied or refused by its signer. */
const decidedMs = hourMs;
/** How long one stays that nobody has said anything about. */
const pendingMs = 24 * hourMs;

/** Deletes requests that are of no use any more. An approved one that nobody signs stays. */
export function cleanRequests(parts: ControllerParts): Controller {
  const { client } = parts;
  return sharedController(parts, CertificateSigningRequest, {
    async reconcile({ object: request, signal }) {
      if (request === undefined) return undefined;
      const inMs = endOf(request) - client.clock.now();
      if (inMs === Infinity) return undefined;
      // Looked at again now and then, because clocks are set.
      if (inMs > 0) return requeueAfter(Math.min(inMs, hourMs));
      await deleteUnlessOutdated(client, CertificateSigningRequest, request, { signal });
      return undefined;
    },
  });
}

/** When a request is of no use any more, in milliseconds since 1970; `Infinity` for never. */
function endOf({ metadata, status }: CertificateSigningRequest): number {
  const conditions = status?.conditions ?? [];
  if (conditions.length === 0) return timeOf(metadata?.creationTimestamp) + pendingMs;
  const certificate = status?.certificate ?? '';
  const ends = conditions.map(({ type, lastUpdateTime }) => {
    if (type === 'Denied' || type === 'Failed') return timeOf(lastUpdateTime) + decidedMs;
    if (type !== 'Approved' || certificate === '') return Infinity;
    return Math.min(timeOf(lastUpdateTime) + decidedMs, expiryOf(certificate));
  });
  return Math.min(...ends);
}

function timeOf(text: string | null | undefined): number {
  return parseTime(text ?? '') ?? Infinity;
}

function expiryOf(base64: string): number {
  try {
    return readCertificate(Buffer.from(base64, 'base64').toString('latin1')).notAfterMs;
  } catch {
    // A signer of somebody else may have put anything there before it was validated.
    return Infinity;
  }
}
