import { join } from 'node:path';
import type { ContainerConfig, ContainerSecurity } from '../runtime/container.ts';
import { RuntimeError } from '../runtime/runtime-error.ts';
import type { SandboxConfig } from '../runtime/sandbox.ts';
import {
  apartScript,
  containerScript,
  exportsOf,
  launchScript,
  waitScript,
} from './container-script.ts';
import type { HostUser } from './host-users.ts';
import type { ContainerLaunch } from './shim-protocol.ts';
import { diesWithParent, toolPath } from './tool-environment.ts';

/** What root may do in a container that nobody has given more or less. Source: containerd, oci.defaultUnixCaps. */
const usualCapabilities = [
  'CHOWN',
  'DAC_OVERRIDE',
  'FSETID',
  'FOWNER',
  'MKNOD',
  'NET_RAW',
  'SETGID',
  'SETUID',
  'SETFCAP',
  'SETPCAP',
  'NET_BIND_SERVICE',
  'SYS_CHROOT',
  'KILL',
  'AUDIT_WRITE',
];

/** What is known of the machine and of the pod when one of its containers starts. */
export interface LaunchContext {
  readonly sandbox: SandboxConfig;
  readonly users: readonly HostUser[];
  readonly isRoot: boolean;
  /** Written for this container: its names of hosts, and the servers of its names. */
  readonly hostsFile: string | undefined;
  readonly resolvConf: string | undefined;
  /** What of the machine it does not see. */
  readonly hiddenDirectory: string | undefined;
  /** Whose processes it sees, where they are not its own. */
  readonly processesOf: number | undefined;
}

/** What tools say stays apart from what the program says. */
export const saidApart: readonly string[] = ['sh', '-c', apartScript, 'fairway'];

/** A container as commands of util-linux and coreutils, run in the namespaces of its pod. */
export function containerLaunch(
  id: string,
  config: ContainerConfig,
  context: LaunchContext,
): ContainerLaunch {
  const { sandbox, processesOf } = context;
  const hasOwnProcesses = sandbox.namespaces.pid === 'container' && processesOf === undefined;
  const program = runningAs(config, [...config.command, ...config.args], context);
  return {
    id,
    command: [
      ...saidApart,
      ...diesWithParent,
      ...(processesOf === undefined ? [] : ['nsenter', `--pid=/proc/${processesOf}/ns/pid`]),
      'unshare',
      '--mount',
      // Of util-linux's own way to fork some versions do not tell that it was killed.
      ...(hasOwnProcesses ? ['--pid', 'sh', '-c', waitScript, 'fairway', ...diesWithParent] : []),
      'sh',
      '-c',
      containerScript,
      'fairway',
      ...whatItSees(config, context),
      '--',
      ...program.command,
    ],
    environment: program.environment,
    logPath: join(sandbox.logDirectory, config.logPath),
    stdin: config.stdin ? (config.stdinOnce ? 'once' : 'open') : 'none',
    tty: config.tty,
    sharesProcesses: !hasOwnProcesses,
  };
}

/** A command with the variables, the folder and the rights of a container. */
export function runningAs(
  config: ContainerConfig,
  command: readonly string[],
  { sandbox, users, isRoot }: Pick<LaunchContext, 'sandbox' | 'users' | 'isRoot'>,
): { readonly command: readonly string[]; readonly environment: string } {
  if (command.length === 0) {
    throw new RuntimeError('failed', 'the image "host" has no program of its own: say a command');
  }
  const user = userOf(config.security, users);
  const { script, others } = exportsOf({
    PATH: toolPath,
    HOME: user.home,
    ...(sandbox.hostname ? { HOSTNAME: sandbox.hostname } : {}),
    ...(config.tty ? { TERM: 'xterm' } : {}),
    ...config.environment,
  });
  return {
    command: [
      ...diesWithParent,
      ...rightsOf(config.security, user, isRoot),
      '--',
      'sh',
      '-c',
      launchScript,
      'fairway',
      config.workingDirectory ?? '/',
      ...(others.length === 0 ? [] : ['env', ...others]),
      ...command,
    ],
    environment: script,
  };
}

function whatItSees(config: ContainerConfig, context: LaunchContext): readonly string[] {
  const { security, mounts, workingDirectory } = config;
  const { sandbox, hostsFile, resolvConf, processesOf, hiddenDirectory } = context;
  const isPrivileged = security.isPrivileged === true;
  const seesMachine = sandbox.namespaces.pid === 'node' && processesOf === undefined;
  const given = mounts.map(({ containerPath, hostPath, isReadOnly }) => ({
    access: isReadOnly ? 'ro' : 'rw',
    hostPath: containerPath === hostsPath && hostsFile !== undefined ? hostsFile : hostPath,
    containerPath,
  }));
  const dns = { access: 'rw', hostPath: resolvConf ?? '', containerPath: '/etc/resolv.conf' };
  return [
    'proc',
    seesMachine ? 'machine' : 'own',
    'dev',
    isPrivileged ? 'machine' : 'own',
    'root',
    security.hasReadOnlyRoot === true ? 'ro' : 'rw',
    ...(hiddenDirectory === undefined ? [] : ['mask', hiddenDirectory]),
    ...[...(resolvConf === undefined ? [] : [dns]), ...given].flatMap((each) => [
      'mount',
      each.access,
      each.hostPath,
      each.containerPath,
    ]),
    ...(workingDirectory === undefined ? [] : ['folder', workingDirectory]),
    ...(isPrivileged ? [] : kernelFiles(security)),
  ];
}

export const hostsPath = '/etc/hosts';

function kernelFiles({ maskedPaths = [], readOnlyPaths = [] }: ContainerSecurity): string[] {
  return [
    ...readOnlyPaths.flatMap((path) => ['read-only', path]),
    ...maskedPaths.flatMap((path) => ['mask', path]),
  ];
}

function userOf(
  { runAsUser, runAsUserName, runAsGroup }: ContainerSecurity,
  users: readonly HostUser[],
): Omit<HostUser, 'name'> {
  const known = users.find(({ name, userId }) =>
    runAsUserName === undefined ? userId === (runAsUser ?? 0) : name === runAsUserName,
  );
  if (known === undefined && runAsUserName !== undefined) {
    throw new RuntimeError(
      'failed',
      `unable to find user ${runAsUserName}: no such user on this machine`,
    );
  }
  const { userId = runAsUser ?? 0, groupId = 0, home = '/' } = known ?? {};
  return { userId, groupId: runAsGroup ?? groupId, home };
}

function rightsOf(
  security: ContainerSecurity,
  { userId, groupId }: Omit<HostUser, 'name'>,
  isRoot: boolean,
): readonly string[] {
  const { supplementalGroups = [], noNewPrivileges = false, isPrivileged = false } = security;
  const groups =
    supplementalGroups.length > 0 ? [`--groups=${supplementalGroups.join()}`] : ['--clear-groups'];
  const may = capabilitiesOf(security).map((name) => `,+${name.toLowerCase()}`);
  return [
    // In a namespace with one user nobody can become anybody else.
    ...(isRoot ? [`--reuid=${userId}`, `--regid=${groupId}`, ...groups] : []),
    ...(noNewPrivileges ? ['--no-new-privs'] : []),
    ...(isPrivileged ? [] : [`--bounding-set=-all${may.join('')}`, '--inh-caps=-all']),
  ];
}

function capabilitiesOf({
  addedCapabilities = [],
  droppedCapabilities = [],
}: ContainerSecurity): readonly string[] {
  const plain = (name: string): string => name.toUpperCase().replace(/^CAP_/, '');
  const added = addedCapabilities.map(plain);
  const dropped = new Set(droppedCapabilities.map(plain));
  const usual = dropped.has('ALL') ? [] : usualCapabilities;
  const all = added.includes('ALL') ? ['all'] : [];
  return [...new Set([...all, ...usual.filter((name) => !dropped.has(name)), ...added])].filter(
    (name) => name !== 'ALL',
  );
}
