import { type CertificateFacts, readCertificate } from '@fairway/certificates';
import { type Credential, ExecPluginError, OidcError } from '@fairway/client';
import type { UserStanza } from '@fairway/client/kubeconfig';
import { messageOf } from '@fairway/host';
import { quotedPath } from '../../quoted-path.ts';
import { credentialSource } from '../credential-source.ts';
import { type Finding, step } from '../step.ts';
import { readTokenClaims } from '../token-claims.ts';
import { when } from '../when.ts';

/** What proves who we are: a token, a certificate, or a plugin that has to run for it. */
export const credentialStep = step({
  name: 'credentials',
  exitCode: 11,
  needs: ['target'],
  async probe({ host }, { target, selection }) {
    const user = selection?.user;
    const tried = describeSource(user);
    if (target.server.startsWith('http:')) {
      const found = 'nothing is sent in the clear, so the server is not told who asks';
      return { finding: { status: 'ok', tried, found }, facts: { credential: {} } };
    }
    try {
      const credential = await target.credentials.current();
      const damage = damageOf(credential);
      if (damage !== undefined) return { finding: { status: 'failed', tried, ...damage } };
      return { finding: describe(credential, tried, host.clock.now()), facts: { credential } };
    } catch (error) {
      return { finding: { status: 'failed', tried, ...explain(error, user) } };
    }
  },
});

/** What a client certificate is that cannot be read. */
function damageOf({
  clientCertificate,
}: Credential): Pick<Finding, 'found' | 'remedies'> | undefined {
  if (clientCertificate === undefined) return undefined;
  try {
    readCertificate(clientCertificate.certificate);
    return undefined;
  } catch {
    const remedies = ['get a new kubeconfig, or another client certificate'];
    return { found: 'the client certificate is damaged', remedies };
  }
}

/** Says where the credential comes from, without anything of it. */
function describeSource(user: UserStanza | undefined): string {
  switch (credentialSource(user)) {
    case 'service account':
      return 'the token of the service account';
    case 'token file':
      return `the token in ${user?.tokenFile}`;
    case 'token':
      return 'a token';
    case 'password':
      return 'user name and password';
    case 'issuer':
      return 'the id-token of an OpenID Connect issuer';
    case 'certificate':
      return 'a client certificate';
    case 'plugin':
      return `the exec plugin ${user?.exec?.command}`;
    case 'none':
      return 'no credential';
  }
}

function describe(credential: Credential, tried: string, nowMs: number): Finding {
  // Where there are both, an API server looks at the certificate first.
  const parts = [describeCertificate(credential, nowMs), describeHeader(credential, nowMs)];
  const known = parts.filter((each) => each !== undefined);
  if (known.length === 0) {
    const found = 'no credential: the server takes us for system:anonymous';
    return { status: 'warning', tried, found, remedies: ['name a user with --user or --token'] };
  }
  const isPast = known.some(({ isUsable }) => !isUsable);
  const found = known.map(({ text }) => text).join('; and, where that is not taken, ');
  return { status: isPast ? 'warning' : 'ok', tried, found };
}

interface Description {
  readonly text: string;
  readonly isUsable: boolean;
}

function describeHeader(
  { authorization, expiresMs }: Credential,
  nowMs: number,
): Description | undefined {
  if (authorization === undefined) return undefined;
  const [scheme = '', token = ''] = authorization.reveal().split(' ');
  if (scheme !== 'Bearer') return { text: 'user name and password', isUsable: true };
  const claims = readTokenClaims(token);
  const endMs = claims?.expiresMs ?? expiresMs;
  const subject = claims?.subject === undefined ? '' : ` of ${claims.subject}`;
  const end = endMs === undefined ? '' : `, until ${when(endMs, nowMs)}`;
  return { text: `a token${subject}${end}`, isUsable: endMs === undefined || nowMs < endMs };
}

function describeCertificate(
  { clientCertificate }: Credential,
  nowMs: number,
): Description | undefined {
  if (clientCertificate === undefined) return undefined;
  const facts = readCertificate(clientCertificate.certificate);
  const { notBeforeMs, notAfterMs } = facts;
  const isUsable = notBeforeMs <= nowMs && nowMs < notAfterMs;
  return {
    text: `a client certificate of ${nameOf(facts)}, until ${when(notAfterMs, nowMs)}`,
    isUsable,
  };
}

function nameOf({ subject }: CertificateFacts): string {
  const groups = subject.organizations.map((each) => `O=${each}`);
  return [`CN=${subject.commonName}`, ...groups].join(', ');
}

function explain(
  error: unknown,
  user: UserStanza | undefined,
): { readonly found: string; readonly remedies: readonly string[] } {
  const [found = ''] = messageOf(error).split('\n');
  if (error instanceof OidcError) return { found, remedies: ['log in again'] };
  if (!(error instanceof ExecPluginError) || user?.exec === undefined)
    return { found, remedies: [] };
  const { command = '', installHint } = user.exec;
  const hint = installHint?.trim().split('\n') ?? [];
  // Its arguments may hold a secret, and are left out.
  const byHand = `run ${quotedPath(command)} by hand, as the exec of the user in the kubeconfig says`;
  switch (error.problem) {
    case 'not-found':
      return { found, remedies: [...hint, `command -v ${quotedPath(command)}`] };
    case 'no-terminal':
      return { found, remedies: ['run this from a terminal'] };
    default:
      return { found, remedies: [byHand, ...hint] };
  }
}
