import { join } from 'node:path';
import type { GivenToken } from '@fairway/client';
import type { ConnectedClient } from '@fairway/client/connect';
import { defaultServiceAccountDirectory } from '@fairway/client/kubeconfig';
import { type NewFile, DisposalStack } from '@fairway/host';
import { accountFiles } from '@fairway/node-agent';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import type { ClusterFlags } from '../connection/cluster-flags.ts';
import { openClient } from '../connection/open-client.ts';
import { type Road, directRoad } from '../run/choose-road.ts';
import {
  accountKubeconfig,
  accountVolume,
  kubeconfigVolume,
  noteElsewhere,
  variablesElsewhere,
} from '../run/elsewhere.ts';
import { findProgram } from '../run/find-program.ts';
import { type PlacedVolumes, type Placement, placeVolumes } from '../run/place-volumes.ts';
import { programVariables } from '../run/program-variables.ts';
import { renewing } from '../run/renewing.ts';
import { parseAccount, requestAccountToken } from '../run/request-token.ts';
import { supervise } from '../run/supervise.ts';

export interface RunFlags extends ClusterFlags {
  readonly serviceAccount?: string;
  readonly audience?: string;
}

/** Runs a program as a service account that believes it is in the cluster. Answers its exit code. */
export async function run(
  context: CommandContext,
  words: readonly string[],
  flags: RunFlags,
): Promise<number> {
  const { host, output } = context;
  const [word, ...programArguments] = words;
  if (word === undefined) {
    throw new CommandError('no program is named; write it after --, as in: -- kubectl get pods');
  }
  if (flags.serviceAccount === undefined) {
    throw new CommandError('no account is named; add --service-account NAMESPACE/NAME');
  }
  const program = await findProgram(host, word);
  if (program.kind === 'missing') {
    await output.writeError(`error: ${program.message}\n`);
    return program.exitCode;
  }
  await using stack = new DisposalStack();
  const client = stack.use(await openClient({ host, output }, flags));
  const account = parseAccount(flags.serviceAccount, client.target.namespace);
  const { audience } = flags;
  const wish = { account, ...(audience === undefined ? {} : { audience }) };
  const road = await openRoad(context, client, stack);
  const given = await requestAccountToken(client, wish);
  const files = ({ token }: GivenToken): ReadonlyMap<string, NewFile> =>
    accountFiles({ token, authority: road.authority, namespace: account.namespace });
  const placement = stack.use(await place(context, files(given)));
  const variables = programVariables(host.environment.variables, road);
  const { elsewhere } = placement;
  if (elsewhere !== undefined) {
    const config = accountKubeconfig(elsewhere.directory, road, account.namespace);
    await placement.write(kubeconfigVolume, config);
    await output.writeError(noteElsewhere(elsewhere));
    Object.assign(variables, variablesElsewhere(elsewhere.directory));
  }
  await using _renewal = renewing(context, given, {
    account,
    request: () => requestAccountToken(client, wish),
    onToken: (next) => placement.write(accountVolume, files(next)),
  });
  context.signal.throwIfAborted();
  return await supervise(context.signals, () =>
    placement.start({
      file: program.path,
      arguments: programArguments,
      environment: variables,
      workingDirectory: host.environment.workingDirectory,
    }),
  );
}

/** The address of the API, or of a relay on this machine where that alone does not lead there. */
async function openRoad(
  { host, output }: CommandContext,
  { target }: ConnectedClient,
  stack: DisposalStack,
): Promise<Road> {
  const direct = await directRoad(target, host.environment.variables);
  if (direct !== undefined) return direct;
  // Loaded late: it makes certificates.
  const { openRelay } = await import('../run/open-relay.ts');
  return stack.use(await openRelay({ host, output }, target));
}

async function place(
  { host, privateFiles, attached }: CommandContext,
  account: ReadonlyMap<string, NewFile>,
): Promise<Placement> {
  const volumes: PlacedVolumes['volumes'] = new Map([[accountVolume, account]]);
  const mount = { isFile: false, isWritable: false };
  const mounts = [{ ...mount, source: accountVolume, target: defaultServiceAccountDirectory }];
  const hidden = await userConfiguration(host);
  return placeVolumes(
    { files: host.files, privateFiles, attached },
    hidden === undefined
      ? { volumes, mounts }
      : {
          volumes: new Map([...volumes, ['kube', 'empty' as const]]),
          mounts: [...mounts, { ...mount, source: 'kube', target: hidden, isWritable: true }],
        },
  );
}

/** The folder in which clients find a kubeconfig before they look whether they are in a pod. */
async function userConfiguration({
  files,
  environment,
}: CommandContext['host']): Promise<string | undefined> {
  const { HOME } = environment.variables;
  if (!HOME) return undefined;
  const folder = join(HOME, '.kube');
  // One that this user may not look into shows nothing to a program of theirs either.
  const facts = await files.stat(folder).catch(() => undefined);
  return facts?.isDirectory === true ? folder : undefined;
}
