import { isIP } from 'node:net';
import { callWithin, ConnectionError } from '@fairway/client';
import { messageOf } from '@fairway/host';
import { plainHost } from '@fairway/protocol';
import { quotedPath } from '../../quoted-path.ts';
import { setCluster } from '../config-command.ts';
import { type Finding, step } from '../step.ts';

/** The name of the server, as addresses. */
export const nameStep = step({
  name: 'name',
  exitCode: 13,
  needs: ['target', 'way'],
  async probe(tools, facts) {
    const { host, names, stepTimeoutMs: timeoutMs, signal } = tools;
    const name = plainHost(new URL(facts.target.server).hostname);
    const tried = `the addresses of ${name}`;
    if (facts.way === 'proxied') {
      const found = `the proxy looks up ${name}`;
      return { finding: { status: 'skipped', tried, found }, facts: { addresses: [] } };
    }
    if (isIP(name) !== 0) {
      const found = `${name} is an address`;
      return { finding: { status: 'ok', tried, found }, facts: { addresses: [name] } };
    }
    try {
      const addresses = await callWithin({ clock: host.clock, timeoutMs, signal }, () =>
        names.addressesOf(name),
      );
      const found = `${name} is ${addresses.join(', ')}`;
      const finding: Finding = { status: 'ok', tried, found, details: { addresses } };
      return { finding, facts: { addresses } };
    } catch (error) {
      if (signal.aborted) throw error;
      const otherServer = setCluster(tools, facts, ['server', 'https://NAME:PORT']);
      return { finding: { status: 'failed', tried, ...explain(name, error, otherServer) } };
    }
  },
});

function explain(
  name: string,
  error: unknown,
  otherServer: string,
): Pick<Finding, 'found' | 'remedies' | 'details'> {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const details = code === '' ? {} : { code };
  if (error instanceof ConnectionError || code === 'EAI_AGAIN') {
    const found = `the name service does not answer for ${name}`;
    return {
      found,
      details,
      remedies: [`getent hosts ${quotedPath(name)}`, 'cat /etc/resolv.conf'],
    };
  }
  if (code === 'ENOTFOUND' || code === 'ENODATA') {
    const isInner = /\.(svc|cluster\.local)\.?$/.test(name);
    const found = isInner
      ? `there is no ${name}: names of services are known inside their cluster only`
      : `there is no ${name}: it is misspelt, or known only inside a VPN or another network`;
    return { found, details, remedies: [otherServer, `getent hosts ${quotedPath(name)}`] };
  }
  return { found: `${name} cannot be looked up: ${messageOf(error)}`, details };
}
