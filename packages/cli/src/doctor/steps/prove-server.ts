import { X509Certificate } from 'node:crypto';
import { certificatesIn } from '@fairway/certificates';
import { ConnectionError } from '@fairway/client';
import { plainHost } from '@fairway/protocol';
import { askTime, askVersion, openAccess } from '../ask-version.ts';
import { setCluster } from '../config-command.ts';
import { type ServerTime, skewOf } from '../server-time.ts';
import { type Facts, type Finding, type Outcome, type Tools, step } from '../step.ts';
import { describe, detailsOf } from '../tls/describe-chain.ts';
import { explainHandshake } from '../tls/explain-handshake.ts';
import { type ChainProblem, judgeChain, soonOver } from '../tls/judge-chain.ts';
import { type Presented, presentCertificate } from '../tls/present-certificate.ts';
import { remediesFor, setTheClock } from '../tls/remedies.ts';
import { inTheClear } from './in-the-clear.ts';

type Needed = Facts & Required<Pick<Facts, 'target' | 'road'>>;

/** How the server proves who it is; up to its first answer, as it may want a certificate of ours for that. */
export const tlsStep = step({
  name: 'tls',
  exitCode: 15,
  needs: ['target', 'road'],
  async probe(tools, facts) {
    const server = new URL(facts.target.server);
    if (server.protocol === 'http:') return await inTheClear(tools, facts, server);
    const name = facts.target.trust.serverName ?? plainHost(server.hostname);
    const tried = `a TLS handshake with ${server.host} as ${name}`;
    const authority = await facts.target.trust.certificateAuthority();
    const about: About = { tools, facts, server, name, tried, authority };
    const authorities = readAuthorities(authority);
    if (authorities === 'damaged') {
      const found = 'the certificate authority of the configuration is damaged';
      const remedies = [setCluster(tools, facts, ['certificate-authority', 'ca.crt'])];
      return { finding: { status: 'failed', tried, found, remedies } };
    }
    try {
      const presented = await present(about);
      const nowMs = tools.host.clock.now();
      const problems = judgeChain(presented, { name, authorities, nowMs });
      const { isInsecure } = facts.target.trust;
      if (!isInsecure && problems.length > 0) return await condemn(about, presented, problems);
      return await askFirst(about, presented, problems);
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error;
      return explainHandshake(about, error);
    }
  },
});

interface About {
  readonly tools: Tools;
  readonly facts: Needed;
  readonly server: URL;
  readonly name: string;
  readonly tried: string;
  readonly authority: string | undefined;
}

function readAuthorities(
  pem: string | undefined,
): readonly X509Certificate[] | undefined | 'damaged' {
  if (pem === undefined) return undefined;
  try {
    return certificatesIn(pem).map((each) => new X509Certificate(each));
  } catch {
    return 'damaged';
  }
}

/** undefined: a server that shakes hands only with whom it knows was not looked at. */
async function present({
  tools,
  facts,
  server,
  name,
  authority,
}: About): Promise<Presented | undefined> {
  const { host, stepTimeoutMs: timeoutMs, signal } = tools;
  const to = { origin: server.origin, name, clock: host.clock, timeoutMs };
  const trusted = authority === undefined ? {} : { authority };
  try {
    return await presentCertificate(facts.road, { ...to, ...trusted }, signal);
  } catch (error) {
    const wantsOurs =
      error instanceof ConnectionError && error.problem === 'tls-client-certificate';
    if (wantsOurs && facts.credential?.clientCertificate !== undefined) return undefined;
    throw error;
  }
}

/** The chain is good, or nobody minds. What does the server say, and does it take our certificate? */
async function askFirst(
  about: About,
  presented: Presented | undefined,
  problems: readonly ChainProblem[],
): Promise<Outcome> {
  const { tools, facts } = about;
  const access = openAccess(tools, { ...facts, credential: facts.credential ?? {} });
  const firstAnswer = await askVersion(tools, access);
  if (firstAnswer instanceof ConnectionError) {
    if (firstAnswer.problem.startsWith('tls-')) throw firstAnswer;
    if (await refusesOurCertificate(about, firstAnswer)) {
      const { message, cause } = firstAnswer;
      throw new ConnectionError({ problem: 'tls-client-certificate', message, cause });
    }
  }
  const finding = facts.target.trust.isInsecure
    ? warnOfTrust(about, problems)
    : approve(about, presented);
  const details = presented === undefined ? {} : detailsOf(presented);
  return { finding: { ...finding, details }, facts: { access, firstAnswer } };
}

function warnOfTrust({ tools, facts, tried }: About, problems: readonly ChainProblem[]): Finding {
  const anybody = 'insecure-skip-tls-verify: anybody may be at the other end';
  return {
    status: 'warning',
    tried,
    found: [anybody, ...problems.map(({ text }) => text)].join('; '),
    remedies: [setCluster(tools, facts, ['certificate-authority', 'ca.crt'])],
  };
}

function approve({ tools, facts, tried, name }: About, presented: Presented | undefined): Finding {
  const ok = (found: string): Finding => ({ status: 'ok', tried, found });
  if (presented === undefined) {
    return ok('the server proves who it is, and knows us by our certificate');
  }
  const nowMs = tools.host.clock.now();
  const found = describe(presented, nowMs);
  const soon = soonOver(presented.chain, nowMs);
  if (soon === undefined) return ok(found);
  const leaf = presented.chain[0];
  const remedies = remediesFor({ kind: 'expired', text: soon }, { leaf, name, tools, facts });
  return { status: 'warning', tried, found: `${found}; ${soon}`, remedies };
}

/** Some servers hang up without a word when they do not take a certificate, and would speak with anybody else. */
async function refusesOurCertificate(
  { tools, facts }: About,
  { problem }: ConnectionError,
): Promise<boolean> {
  if (problem !== 'reset' || facts.credential?.clientCertificate === undefined) return false;
  const answer = await askVersion(tools, openAccess(tools, { ...facts, credential: {} }));
  return !(answer instanceof ConnectionError) || answer.problem === 'tls-client-certificate';
}

/** The chain is not what it should be. Is the clock of this machine? */
async function condemn(
  { tools, facts, tried, name }: About,
  presented: Presented | undefined,
  problems: readonly ChainProblem[],
): Promise<Outcome> {
  const [first] = problems;
  const leaf = presented?.chain[0];
  const texts = problems.map(({ text }) => text);
  const remedies = problems.flatMap((each) => remediesFor(each, { leaf, name, tools, facts }));
  const isAboutTime = first?.kind === 'expired' || first?.kind === 'not-yet-valid';
  const serverTime = isAboutTime ? await askTime(tools, facts) : undefined;
  const isOurClock = serverTime !== undefined && isValidAt(presented, serverTime);
  const details = {
    problems: problems.map(({ kind }) => kind),
    ...(presented === undefined ? {} : detailsOf(presented)),
  };
  const clock = 'by the clock of the server it is valid: the clock of this machine is wrong';
  const finding: Finding = {
    status: 'failed',
    tried,
    found: [...texts, ...(isOurClock ? [clock] : [])].join('; '),
    remedies: [...new Set(isOurClock ? [setTheClock(tools)] : remedies)],
    details,
  };
  return { finding, ...(serverTime === undefined ? {} : { facts: { serverTime } }) };
}

function isValidAt(presented: Presented | undefined, { serverMs, localMs }: ServerTime): boolean {
  if (Math.abs(skewOf({ serverMs, localMs })) < 60_000) return false;
  return (presented?.chain ?? []).every(
    (each) => Date.parse(each.validFrom) <= serverMs && serverMs <= Date.parse(each.validTo),
  );
}
