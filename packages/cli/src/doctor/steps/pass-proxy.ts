import { type ClusterTarget, ConnectionError } from '@fairway/client';
import { chooseProxy } from '@fairway/client/kubeconfig';
import { openTunnel } from '@fairway/client/sockets';
import { Secret } from '@fairway/host';
import { plainHost } from '@fairway/protocol';
import { quotedPath } from '../../quoted-path.ts';
import { setCluster } from '../config-command.ts';
import { type Facts, type Outcome, type Road, type Tools, step } from '../step.ts';
import { withoutRemedy } from '../without-remedy.ts';

/** The proxy in between, when the configuration or the environment names one. */
export const proxyStep = step({
  name: 'proxy',
  exitCode: 12,
  needs: ['target'],
  async probe(tools, facts) {
    const { host, stepTimeoutMs, signal } = tools;
    const { target } = facts;
    const server = new URL(target.server);
    const proxy = proxyOf(target, server, host.environment.variables);
    const tried = 'proxy-url of the cluster, HTTPS_PROXY, HTTP_PROXY and NO_PROXY';
    if (proxy === undefined) {
      const found = exemptionOf(server, host.environment.variables) ?? 'none';
      return { finding: { status: 'ok', tried, found }, facts: { way: 'direct' } };
    }
    const { url, source } = proxy;
    const road: Road = (ending) =>
      openTunnel(
        {
          server,
          proxyUrl: url,
          clock: host.clock,
          connectTimeoutMs: stepTimeoutMs,
          handshakeTimeoutMs: stepTimeoutMs,
        },
        ending,
      );
    try {
      (await road(signal)).destroy();
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error;
      return refused(tools, { error, source, server, tried, facts });
    }
    const found = `${source} ${withoutPassword(url)} connects to ${server.host}`;
    return { finding: { status: 'ok', tried, found }, facts: { way: 'proxied', road } };
  },
});

function proxyOf(
  target: ClusterTarget,
  server: URL,
  variables: Readonly<Record<string, string | undefined>>,
): { readonly url: Secret; readonly source: string } | undefined {
  if (target.proxyUrl !== undefined) return { url: target.proxyUrl, source: 'proxy-url' };
  const url = chooseProxy(server, variables);
  return url === undefined ? undefined : { url: new Secret(url), source: variableFor(server) };
}

function variableFor(server: URL): string {
  return server.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
}

/** Why the proxy of the environment is not for this server, when there is one. */
function exemptionOf(
  server: URL,
  variables: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const name = variableFor(server);
  const isSet = Boolean(variables[name] || variables[name.toLowerCase()]);
  if (!isSet) return undefined;
  return `none: ${plainHost(server.hostname)} is this machine, or NO_PROXY exempts it from ${name}`;
}

function refused(
  tools: Tools,
  {
    error,
    source,
    server,
    tried,
    facts,
  }: {
    readonly error: ConnectionError;
    readonly source: string;
    readonly server: URL;
    readonly tried: string;
    readonly facts: Facts;
  },
): Outcome {
  const isOurs = source === 'proxy-url';
  const name = plainHost(server.hostname);
  const around = isOurs
    ? setCluster(tools, facts, ['proxy-url', 'http://HOST:PORT'])
    : `export NO_PROXY="$NO_PROXY",${quotedPath(name)}`;
  const withPassword = isOurs
    ? setCluster(tools, facts, ['proxy-url', 'http://USER:PASSWORD@HOST:PORT'])
    : `export ${source}=http://USER:PASSWORD@HOST:PORT`;
  const isUnknown = error.problem === 'proxy-authentication';
  const found = `${source}: ${withoutRemedy(error)}`;
  const remedies = isUnknown ? [withPassword, around] : [around];
  return { finding: { status: 'failed', tried, found, remedies } };
}

function withoutPassword(url: Secret): string {
  const { protocol, host } = new URL(url.reveal());
  return `${protocol}//${host}`;
}
