import { join } from 'node:path';
import type { ClusterTarget } from '@fairway/client';
import { connect } from '@fairway/client/connect';
import {
  type ClusterOverrides,
  type Kubeconfig,
  KubeconfigError,
  type KubeconfigLocation,
  type Selection,
  defaultServiceAccountDirectory,
  findKubeconfig,
  isInCluster,
  loadKubeconfig,
  selectContext,
  serviceAccountVariable,
} from '@fairway/client/kubeconfig';
import type { Host } from '@fairway/host';
import { clusterOverrides } from '../../connection/cluster-flags.ts';
import { quotedPath } from '../../quoted-path.ts';
import { configLine } from '../config-command.ts';
import { lookIntoFiles } from '../merged-files.ts';
import { type Finding, type Outcome, type Tools, step } from '../step.ts';

/** Kubeconfig files, what they refer to, and what a pod has in their place. */
export const configurationStep = step({
  name: 'kubeconfig',
  exitCode: 10,
  needs: [],
  async probe(tools) {
    const { host, flags } = tools;
    const overrides = clusterOverrides(flags);
    const location = await findKubeconfig(host, flags.kubeconfig);
    const tried = location.files.join(', ') || 'no file';
    try {
      // As every command does it; nothing is connected before it is used.
      const { target } = await connect({ host, overrides, ...named(flags.kubeconfig) });
      const config = await loadKubeconfig(host.files, location);
      const selection = selectContext(config, overrides, host.environment);
      const isNamed = selection.clusterName !== '' || Boolean(selection.cluster.server);
      if (!isNamed) return { finding: await withoutKubeconfig(tools, target), facts: { target } };
      const dangling = danglingUser(config, overrides, selection);
      if (dangling !== undefined) return failed(tried, dangling, contextRemedies(tools, config));
      const finding = await described(tools, { tried, location, selection, target });
      return { finding, facts: { target, selection } };
    } catch (error) {
      if (!(error instanceof KubeconfigError)) throw error;
      return await explain(tools, tried, error);
    }
  },
});

function named(kubeconfig: string | undefined): { readonly kubeconfig?: string } {
  return kubeconfig === undefined ? {} : { kubeconfig };
}

/** kubectl goes on as nobody when the user of a context does not exist. */
function danglingUser(
  config: Kubeconfig,
  overrides: ClusterOverrides,
  { contextName, userName }: Selection,
): string | undefined {
  const user = overrides.user || config.contexts.get(contextName ?? '')?.value.user || '';
  const { token, username, clientCertificate } = overrides;
  const isOverridden = (token ?? username ?? clientCertificate) !== undefined;
  if (user === '' || userName !== '' || isOverridden) return undefined;
  const has = [...config.users.keys()].toSorted().join(', ') || 'none';
  return `the context ${JSON.stringify(contextName)} names the user ${JSON.stringify(user)}, which does not exist (has: ${has})`;
}

interface Described {
  readonly tried: string;
  readonly location: KubeconfigLocation;
  readonly selection: Selection;
  readonly target: ClusterTarget;
}

/** A configuration that can be used, with what its user may have meant otherwise. */
async function described(
  { host }: Tools,
  { tried, location, selection, target }: Described,
): Promise<Finding> {
  const { clusterName: cluster, userName: user, namespace } = selection;
  const { absent, shadowed } = await lookIntoFiles(host.files, location, selection);
  const { userFile, user: stanza } = selection;
  const open = await readableByOthers(host, [userFile, stanza['client-key'], stanza.tokenFile]);
  const who = user === '' ? 'no user' : `user ${JSON.stringify(user)}`;
  const found = [
    `${target.origin}: ${target.server}, ${who}`,
    ...absent.map((file) => `there is no ${file}`),
    ...shadowed.map(
      ({ what, file }) => `the ${what} in ${file} does not count, as an earlier file has one`,
    ),
    ...(open.length === 0 ? [] : [`other users of this machine may read ${open.join(', ')}`]),
  ].join('; ');
  const alone = [...new Set(shadowed.map(({ file }) => file))];
  const remedies = [
    ...alone.map((file) => `export KUBECONFIG=${quotedPath(file)}  # if that one is meant`),
    ...(open.length === 0 ? [] : [`chmod go-rwx ${open.map(quotedPath).join(' ')}`]),
  ];
  const details = { cluster, user, ...(namespace === undefined ? {} : { namespace }) };
  const said = { tried, found, details };
  return remedies.length === 0
    ? { status: 'ok', ...said }
    : { status: 'warning', ...said, remedies };
}

/** Those of the files with secrets that more than their owner may read. */
async function readableByOthers(
  { files, environment }: Host,
  paths: readonly (string | undefined)[],
): Promise<readonly string[]> {
  if (environment.platform === 'win32') return [];
  const isNamed = (path: string | undefined): path is string => path !== undefined && path !== '';
  const candidates = [...new Set(paths.filter(isNamed))];
  const facts = await Promise.all(candidates.map((path) => files.stat(path)));
  return candidates.filter((_, index) => ((facts[index]?.mode ?? 0) & 0o077) !== 0);
}

/** A pod has its service account; KUBERNETES_MASTER names a server and nothing else. */
async function withoutKubeconfig(
  { host }: Tools,
  { origin, server }: ClusterTarget,
): Promise<Finding> {
  const found = `${origin}: ${server}`;
  if (host.environment.variables['KUBERNETES_MASTER']) {
    return { status: 'ok', tried: 'KUBERNETES_MASTER', found };
  }
  const directory = accountDirectory(host);
  const tried = `KUBERNETES_SERVICE_HOST and _PORT, and the files in ${directory}`;
  const hasAuthority = (await host.files.stat(join(directory, 'ca.crt'))) !== undefined;
  if (hasAuthority) return { status: 'ok', tried, found };
  return {
    status: 'warning',
    tried,
    found: `${found}; there is no ca.crt, so that the authorities of the system count`,
    remedies: ['mount the config map kube-root-ca.crt of the namespace beside the token'],
  };
}

async function explain(tools: Tools, tried: string, error: KubeconfigError): Promise<Outcome> {
  const { host } = tools;
  const found = error.message;
  const [issue] = error.issues;
  const file = quotedPath(issue?.file ?? '');
  switch (error.problem) {
    case 'absent':
      return await explainAbsence(tools, tried, error);
    case 'unreadable':
      return failed(tried, found, [
        `ls -l ${file}`,
        'name another file with --kubeconfig or KUBECONFIG',
      ]);
    case 'malformed':
      return failed(tried, found, [`"\${EDITOR:-vi}" ${file}`]);
    case 'unknown-name': {
      const location = await findKubeconfig(host, tools.flags.kubeconfig);
      return failed(
        tried,
        found,
        contextRemedies(tools, await loadKubeconfig(host.files, location)),
      );
    }
    default:
      return failed(tried, found, [
        issue?.file === 'command line' ? '`fairway doctor --help`' : `"\${EDITOR:-vi}" ${file}`,
      ]);
  }
}

function contextRemedies({ flags }: Tools, config: Kubeconfig): readonly string[] {
  const usable = [...config.contexts.values()].find(
    ({ value }) => config.clusters.has(value.cluster ?? '') && config.users.has(value.user ?? ''),
  );
  if (usable === undefined) return [configLine(flags.kubeconfig, ['view'])];
  const name = quotedPath(usable.name);
  return [
    flags.context === undefined
      ? configLine(flags.kubeconfig, ['use-context', name])
      : `\`fairway doctor --context=${name}\``,
    configLine(flags.kubeconfig, ['get-contexts']),
  ];
}

/** There is no kubeconfig. Is this a pod whose account was left out? */
async function explainAbsence(
  { host }: Tools,
  tried: string,
  error: KubeconfigError,
): Promise<Outcome> {
  const { variables, workingDirectory } = host.environment;
  const directory = accountDirectory(host);
  const token = join(directory, 'token');
  const isPod = Boolean(
    variables['KUBERNETES_SERVICE_HOST'] && variables['KUBERNETES_SERVICE_PORT'],
  );
  if (isPod && !(await isInCluster(host))) {
    return failed(
      `${tried}, and ${token}`,
      `this is a pod (KUBERNETES_SERVICE_HOST is set), and ${token} does not exist: its service account is not mounted`,
      [
        'set automountServiceAccountToken: true in the spec of the pod, and not false in its service account',
      ],
    );
  }
  if ((await host.files.stat(token)) !== undefined) {
    return failed(
      `${tried}, and ${token}`,
      `there is a service account in ${directory}, and KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set`,
      ['export KUBERNETES_SERVICE_HOST=kubernetes.default.svc KUBERNETES_SERVICE_PORT=443'],
    );
  }
  const local = join(workingDirectory, '.fairway', 'kubeconfig');
  const remedy =
    (await host.files.stat(local)) === undefined
      ? 'export KUBECONFIG=FILE, with the kubeconfig that the operator of the cluster gave you'
      : `export KUBECONFIG=${quotedPath(local)}`;
  return failed(tried, error.message, [remedy]);
}

function accountDirectory({ environment }: Host): string {
  return environment.variables[serviceAccountVariable] || defaultServiceAccountDirectory;
}

function failed(tried: string, found: string, remedies: readonly string[]): Outcome {
  return { finding: { status: 'failed', tried, found, remedies } };
}
