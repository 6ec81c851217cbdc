import { type Command, Option } from 'commander';
import type { ClusterOverrides } from '@fairway/client/kubeconfig';
import { CommandError } from '../command-error.ts';
import { append } from '../flag-values.ts';

/** kubectl's global flags, as commander reads them. */
export interface ClusterFlags {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly cluster?: string;
  readonly user?: string;
  readonly namespace?: string;
  /** One address, or several of the same cluster with commas in between. */
  readonly server?: string;
  readonly token?: string;
  readonly username?: string;
  readonly password?: string;
  readonly as?: string;
  readonly asGroup?: readonly string[];
  readonly asUid?: string;
  readonly asUserExtra?: readonly string[];
  readonly certificateAuthority?: string;
  readonly clientCertificate?: string;
  readonly clientKey?: string;
  readonly tlsServerName?: string;
  readonly insecureSkipTlsVerify?: boolean;
  readonly disableCompression?: boolean;
  readonly requestTimeout?: string;
}

const heading = 'Which cluster, and as whom:';

/**
 * Gives a command the flags that say which cluster it talks to, and as whom. A command that has a `--user` of its
 * own, of another meaning, keeps it.
 */
export function addClusterFlags(command: Command, { isHidden = false } = {}): Command {
  const own = new Set(command.options.map(({ long }) => long));
  for (const option of clusterOptions()) {
    if (option.long === '--user' && own.has(option.long)) continue;
    command.addOption(isHidden ? option.hideHelp() : option.helpGroup(heading));
  }
  return command;
}

function clusterOptions(): readonly Option[] {
  const option = (flags: string, text: string): Option => new Option(flags, text);
  const repeatable = (flags: string, text: string): Option =>
    option(flags, `${text} (repeatable)`).argParser(append);
  return [
    option('--kubeconfig <file>', 'kubeconfig to use, and no other'),
    option('--context <name>', 'context of the kubeconfig'),
    option('--cluster <name>', 'cluster of the kubeconfig'),
    option('--user <name>', 'user of the kubeconfig'),
    option('-n, --namespace <name>', 'namespace to work in'),
    option(
      '-s, --server <url>',
      'address of the API; several of one cluster: repeat it, or write commas',
    ).argParser((url: string, earlier?: string) =>
      earlier === undefined ? url : `${earlier},${url}`,
    ),
    option('--token <token>', 'bearer token'),
    option('--username <name>', 'user name for basic authentication'),
    option('--password <password>', 'password for basic authentication'),
    option('--as <user>', 'user to act as'),
    repeatable('--as-group <group>', 'group to act in'),
    option('--as-uid <uid>', 'UID to act as'),
    repeatable('--as-user-extra <key=value>', 'extra field to act with'),
    option('--certificate-authority <file>', 'certificates to trust'),
    option('--client-certificate <file>', 'client certificate'),
    option('--client-key <file>', 'key of the client certificate'),
    option('--tls-server-name <name>', 'name that the certificate of the server must have'),
    option('--insecure-skip-tls-verify [boolean]', 'trust any certificate').argParser(readBoolean),
    option('--disable-compression [boolean]', 'ask for plain answers').argParser(readBoolean),
    option('--request-timeout <time>', 'how long a request may take: 30, 30s, 2m; 0 is no bound'),
  ];
}

/** The same as the client library names it. Errors: `CommandError`. */
export function clusterOverrides(flags: ClusterFlags): ClusterOverrides {
  const { kubeconfig: _, asGroup, asUserExtra, ...others } = flags;
  const named: Record<string, unknown> = {};
  for (const name of overrideNames) {
    const value = others[name];
    if (value !== undefined) named[name] = value;
  }
  const [server] = serversOf(flags);
  if (server !== undefined) named['server'] = server;
  return {
    ...named,
    ...(asGroup === undefined ? {} : { asGroups: asGroup }),
    ...(asUserExtra === undefined ? {} : { asUserExtra: readExtra(asUserExtra) }),
  };
}

/**
 * The addresses that `--server` names, each of the same cluster. Errors: `CommandError` when they are
 * not all of one kind: what is secret would go out in the clear to some.
 */
export function serversOf({ server = '' }: ClusterFlags): readonly string[] {
  if (!server.includes(',')) return server === '' ? [] : [server];
  const servers = server.split(',').map((each) => each.trim().replace(/\/+$/, ''));
  const [scheme] = servers.map((each) => URL.parse(each)?.protocol);
  for (const each of servers) {
    const url = URL.parse(each);
    if (url === null || !/^https?:$/.test(url.protocol) || url.protocol !== scheme) {
      throw new CommandError(
        `cannot use --server ${JSON.stringify(each)} beside others: write each as a URL, all with https or all with http`,
      );
    }
  }
  return servers;
}

const overrideNames = [
  'context',
  'cluster',
  'user',
  'namespace',
  'server',
  'token',
  'username',
  'password',
  'as',
  'asUid',
  'certificateAuthority',
  'clientCertificate',
  'clientKey',
  'tlsServerName',
  'insecureSkipTlsVerify',
  'disableCompression',
  'requestTimeout',
] as const;

function readExtra(pairs: readonly string[]): Readonly<Record<string, readonly string[]>> {
  const extra: Record<string, string[]> = {};
  for (const pair of pairs) {
    const mark = pair.indexOf('=');
    if (mark <= 0) {
      throw new CommandError(`--as-user-extra ${JSON.stringify(pair)} is no KEY=VALUE`);
    }
    (extra[pair.slice(0, mark)] ??= []).push(pair.slice(mark + 1));
  }
  return extra;
}

function readBoolean(text: string): boolean {
  if (/^(true|t|1)$/i.test(text)) return true;
  if (/^(false|f|0)$/i.test(text)) return false;
  throw new CommandError(`${JSON.stringify(text)} is neither true nor false`);
}
