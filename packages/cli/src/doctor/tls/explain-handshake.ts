import type { ConnectionError } from '@fairway/client';
import { setCluster, setCredentials } from '../config-command.ts';
import type { Facts, Outcome, Tools } from '../step.ts';
import { withoutRemedy } from '../without-remedy.ts';

/** Why there was no handshake, or one that the server took back. */
export function explainHandshake(
  {
    tools,
    facts,
    server,
    tried,
  }: {
    readonly tools: Tools;
    readonly facts: Facts;
    readonly server: URL;
    readonly tried: string;
  },
  error: ConnectionError,
): Outcome {
  const details = { problem: error.problem };
  const failed = (found: string, remedies: readonly string[]): Outcome => ({
    finding: { status: 'failed', tried, found, remedies, details },
  });
  const http = setCluster(tools, facts, ['server', `http://${server.host}`]);
  const elsewhere = setCluster(tools, facts, ['server', 'https://HOST:PORT']);
  const { problem, remedy } = error;
  const code = codeOf(error.cause);
  switch (problem) {
    case 'plain-http':
      return failed(`${server.host} does not speak TLS: it answers in the clear`, [
        elsewhere,
        http,
      ]);
    case 'reset':
      return failed(
        `${server.host} accepts connections and closes them during the TLS handshake: a load balancer without a server behind it, or a firewall`,
        ['check that the API server runs behind the load balancer', elsewhere],
      );
    case 'timeout':
      return failed(
        `${server.host} accepts connections and says nothing for ${tools.stepTimeoutMs} ms: no TLS server, or one that hangs`,
        ['check that the API server runs behind this address', elsewhere],
      );
    case 'tls-failed':
      return code.includes('UNRECOGNIZED_NAME')
        ? failed(`${server.host} has no certificate for the name that it is asked for`, [
            setCluster(tools, facts, ['tls-server-name', 'NAME']),
            elsewhere,
          ])
        : failed(withoutRemedy(error), remedy === '' ? [] : [remedy]);
    case 'tls-client-certificate':
      return failed(...explainClientCertificate(tools, facts, code));
    default:
      return failed(withoutRemedy(error), remedy === '' ? [] : [remedy]);
  }
}

function explainClientCertificate(
  tools: Tools,
  facts: Facts,
  code: string,
): readonly [found: string, remedies: readonly string[]] {
  const hasCertificate = facts.credential?.clientCertificate !== undefined;
  const found = code.includes('HANDSHAKE_FAILURE')
    ? `the server breaks the handshake off (${code}): it wants ${hasCertificate ? 'another' : 'a'} client certificate, or has no cipher in common with us`
    : !hasCertificate
      ? `the server speaks only with who has a client certificate (${code}), and the configuration has none`
      : `the server does not take our client certificate (${code}): it has expired, or is issued by another authority than the server asks for`;
  const words = ['--client-certificate=client.crt', '--client-key=client.key'];
  return [found, [setCredentials(tools, facts, words)]];
}

/** What OpenSSL or the system calls a failure; empty when it has no name. */
function codeOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : '';
}
