import { readCertificate } from '@fairway/certificates';
import { ApiError, type Credential } from '@fairway/client';
import { SelfSubjectReview } from '@fairway/kinds/authentication/v1';
import { quotedPath } from '../../quoted-path.ts';
import { setCredentials } from '../config-command.ts';
import { credentialSource } from '../credential-source.ts';
import { type Facts, type Finding, type Tools, step } from '../step.ts';
import { readTokenClaims } from '../token-claims.ts';
import { when } from '../when.ts';

/** As whom the server knows us, or why it does not. */
export const identityStep = step({
  name: 'identity',
  exitCode: 19,
  needs: ['access', 'isApi', 'credential'],
  async probe(tools, facts) {
    const tried = 'a SelfSubjectReview';
    try {
      const { client } = facts.access;
      const { status } = await client.create(SelfSubjectReview, {}, { signal: tools.signal });
      const { username = '', groups = [] } = status?.userInfo ?? {};
      const details = { username, groups };
      if (username === 'system:anonymous')
        return { finding: { tried, ...nobody(tools, facts), details } };
      if (username === '') {
        const found = 'the answer names nobody: this is no whole Kubernetes API';
        return { finding: { status: 'unknown', tried, found, details } };
      }
      const found = `${username}, of ${groups.join(', ') || 'no group'}`;
      return {
        finding: { status: 'ok', tried, found, details },
        facts: { user: { username, groups } },
      };
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const details = { code: error.code };
      if (error.code === 404) {
        const found = 'the server is older than 1.28 and cannot say it, and has not refused us';
        const user = { username: '', groups: [] };
        return { finding: { status: 'unknown', tried, found, details }, facts: { user } };
      }
      return { finding: { status: 'failed', tried, ...explain(tools, facts, error), details } };
    }
  },
});

function nobody(tools: Tools, facts: Facts): Pick<Finding, 'status' | 'found' | 'remedies'> {
  const hasSent =
    facts.credential?.authorization !== undefined ||
    facts.credential?.clientCertificate !== undefined;
  const found = hasSent
    ? 'system:anonymous: the server does not know our credential, or something in between takes it out'
    : 'system:anonymous: the configuration has no credential';
  return { status: 'failed', found, remedies: [setCredentials(tools, facts, ['--token=TOKEN'])] };
}

function explain(tools: Tools, facts: Facts, error: ApiError): Pick<Finding, 'found' | 'remedies'> {
  const { message } = error;
  if (error.code === 403 && /system:anonymous/.test(message)) return nobody(tools, facts);
  if (error.code === 403 && /impersonat/.test(message)) {
    const remedies = [
      'ask for the verb impersonate on users or groups, or leave out --as and as in the kubeconfig',
    ];
    return { found: message, remedies };
  }
  if (error.code !== 401) return { found: `${message} (${error.code})` };
  const nowMs = tools.host.clock.now();
  const { found, remedies } = doubt(
    facts.credential ?? {},
    nowMs,
    setCredentials(tools, facts, ['--token=TOKEN']),
  );
  return { found: `401 Unauthorized: ${found}`, remedies: withRenewal(facts, remedies) };
}

interface Doubt {
  readonly found: string;
  readonly remedies: readonly string[];
}

/** What is wrong with a credential that was refused, as far as it tells itself. */
function doubt(credential: Credential, nowMs: number, newToken: string): Doubt {
  const { authorization, clientCertificate } = credential;
  const [scheme, token = ''] = authorization?.reveal().split(' ') ?? [];
  if (scheme === 'Basic') {
    return {
      found: 'the server does not take user name and password; Kubernetes has had none since 1.19',
      remedies: [newToken],
    };
  }
  if (scheme === 'Bearer') return doubtToken(token, nowMs, newToken);
  if (clientCertificate !== undefined)
    return doubtCertificate(clientCertificate.certificate, nowMs);
  return { found: 'the configuration has no credential', remedies: [newToken] };
}

function doubtToken(token: string, nowMs: number, newToken: string): Doubt {
  const claims = readTokenClaims(token);
  if (claims === undefined) {
    return {
      found: 'the server does not know this token; it says nothing of itself',
      remedies: [newToken],
    };
  }
  const { expiresMs, notBeforeMs, issuedAtMs, issuer = 'nobody', subject = '', audiences } = claims;
  const account = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(subject);
  const again =
    account === null
      ? newToken
      : `kubectl create token ${quotedPath(account[2] ?? '')} -n ${quotedPath(account[1] ?? '')}, as somebody who may`;
  if (expiresMs !== undefined && expiresMs <= nowMs) {
    return {
      found: `the token has expired: it was valid until ${when(expiresMs, nowMs)}`,
      remedies: [again],
    };
  }
  const fromMs = Math.max(notBeforeMs ?? 0, issuedAtMs ?? 0);
  if (fromMs > nowMs) {
    const found = `the token is valid only from ${when(fromMs, nowMs)}: the clock of this machine or of the issuer is wrong`;
    return { found, remedies: [again] };
  }
  const list = audiences.join(', ') || 'nobody';
  // An API server takes tokens of service accounts that are for its own issuer, unless it is told otherwise.
  if (account !== null && audiences.length > 0 && !audiences.includes(issuer)) {
    const found = `the token is for another audience: it is for ${list}, and an API server takes those for ${issuer}`;
    return { found, remedies: [again.replace(', as', ' (without --audience), as')] };
  }
  const found =
    account === null
      ? `the server does not take this token: it must know its issuer ${issuer} and the audience ${list} (--oidc-issuer-url, --oidc-client-id, or --authentication-config)`
      : `the token looks valid (of ${subject}, by ${issuer}, for ${list}): its account or pod is gone, or it is of another cluster`;
  return { found, remedies: [again] };
}

function doubtCertificate(certificate: string, nowMs: number): Doubt {
  const { notAfterMs, notBeforeMs, subject } = readCertificate(certificate);
  const renew = 'get a new kubeconfig; kubeadm: sudo kubeadm certs renew admin.conf';
  if (notAfterMs <= nowMs) {
    return {
      found: `the client certificate has expired: it was valid until ${when(notAfterMs, nowMs)}`,
      remedies: [renew],
    };
  }
  if (notBeforeMs > nowMs) {
    return {
      found: `the client certificate is valid only from ${when(notBeforeMs, nowMs)}`,
      remedies: [renew],
    };
  }
  const found = `the server does not take the client certificate of CN=${subject.commonName}: it is issued by another authority than its --client-ca-file`;
  return { found, remedies: [renew] };
}

/** Who gets tokens from elsewhere gets a new one there. */
function withRenewal({ selection }: Facts, remedies: readonly string[]): readonly string[] {
  switch (credentialSource(selection?.user)) {
    case 'plugin':
      return [`log in again by ${selection?.user.exec?.command}`, ...remedies];
    case 'issuer':
      return ['log in again at the issuer', ...remedies];
    case 'service account':
      return ['delete the pod, whose successor gets a new token', ...remedies];
    default:
      return remedies;
  }
}
