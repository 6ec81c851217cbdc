import { ConnectionError } from '@fairway/client';
import { plainHost } from '@fairway/protocol';
import { askVersion, openAccess } from '../ask-version.ts';
import type { FirstAnswer } from '../first-answer.ts';
import { setCluster } from '../config-command.ts';
import type { Facts, Outcome, Tools } from '../step.ts';
import { presentCertificate } from '../tls/present-certificate.ts';

type Needed = Facts & Required<Pick<Facts, 'target' | 'road'>>;

/** Nothing is proved and nothing secret is sent. Does the server speak TLS after all? */
export async function inTheClear(tools: Tools, facts: Needed, server: URL): Promise<Outcome> {
  const tried = `GET ${server.origin}/version`;
  const access = openAccess(tools, { ...facts, credential: {} });
  const firstAnswer = await askVersion(tools, access);
  if (!isJson(firstAnswer) && (await speaksTls(tools, facts, server))) {
    const remedies = [
      setCluster(tools, facts, [
        'server',
        `https://${server.host}${server.pathname.replace(/\/$/, '')}`,
      ]),
    ];
    const found = `${server.host} speaks TLS, and the address is an http: one`;
    return {
      finding: { status: 'failed', tried, found, remedies, details: { problem: 'tls-expected' } },
    };
  }
  const found = 'none: the address is an http: one; nothing is proved, and nothing secret is sent';
  return {
    finding: { status: 'ok', tried, found },
    facts: { access, firstAnswer },
  };
}

function isJson(answer: FirstAnswer | ConnectionError): boolean {
  return !(answer instanceof ConnectionError) && answer.text.trimStart().startsWith('{');
}

async function speaksTls(tools: Tools, { road }: Needed, server: URL): Promise<boolean> {
  const { host, stepTimeoutMs: timeoutMs, signal } = tools;
  const to = {
    origin: server.origin,
    name: plainHost(server.hostname),
    clock: host.clock,
    timeoutMs,
  };
  try {
    await presentCertificate(road, to, signal);
    return true;
  } catch (error) {
    // Who wants a certificate of ours speaks it, too.
    if (error instanceof ConnectionError) return error.problem === 'tls-client-certificate';
    throw error;
  }
}
