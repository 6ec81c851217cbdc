import { join } from 'node:path';
import type { ConnectedClient } from '@fairway/client/connect';
import { defaultServiceAccountDirectory } from '@fairway/client/kubeconfig';
import { DisposalStack } from '@fairway/host';
import type { CommandContext } from '../command-context.ts';
import { CommandError } from '../command-error.ts';
import type { ClusterFlags } from '../connection/cluster-flags.ts';
import { openClient } from '../connection/open-client.ts';
import { type PodProgram, readPodProgram } from '../run/as-pod.ts';
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
import { accountToken, tokenRequester, volumeTokens } from '../run/planned-tokens.ts';
import { programVariables } from '../run/program-variables.ts';
import { renewing } from '../run/renewing.ts';
import { type TokenWish, parseName } from '../run/request-token.ts';
import { supervise } from '../run/supervise.ts';

export interface RunFlags extends ClusterFlags {
  readonly serviceAccount?: string;
  readonly audience?: string;
  readonly asPod?: string;
  readonly container?: string;
}

/** Runs a program as a service account that believes it is in the cluster. Answers its exit code. */
export async function run(
  context: CommandContext,
  words: readonly string[],
  flags: RunFlags,
): Promise<number> {
  const { host, output } = context;
  requireSubject(words, flags);
  await using stack = new DisposalStack();
  const client = stack.use(await openClient({ host, output }, flags));
  const pod = await podOf(client, flags);
  const [word = '', ...programArguments] = words.length > 0 ? words : commandOf(pod);
  const program = await findProgram(host, word);
  if (program.kind === 'missing') {
    await output.writeError(`error: ${program.message}\n`);
    return program.exitCode;
  }
  const wish = wishOf(client, flags, pod);
  const road = await openRoad(context, client, stack);
  const tokens = [
    ...(pod === undefined || pod.hasAccount ? [accountToken(wish, road)] : []),
    ...(pod === undefined ? [] : volumeTokens(wish.account, pod)),
  ];
  const request = tokenRequester(client, output);
  const volumes = new Map(pod?.volumes);
  const given = [];
  for (const each of tokens) {
    const first = await request(each.wish);
    given.push(first);
    volumes.set(each.volume, each.filesWith(first.token));
  }
  const placement = stack.use(await place(context, { volumes, mounts: pod?.mounts ?? [] }));
  const variables = programVariables({ ...host.environment.variables, ...pod?.variables }, road);
  if (pod !== undefined) await output.writeError(noteMissing(pod));
  const { elsewhere } = placement;
  if (elsewhere !== undefined) {
    const config = accountKubeconfig(elsewhere.directory, road, wish.account.namespace);
    await placement.write(kubeconfigVolume, config);
    await output.writeError(noteElsewhere(elsewhere));
    Object.assign(variables, variablesElsewhere(elsewhere.directory));
  }
  for (const [index, each] of tokens.entries()) {
    const first = given[index];
    if (first === undefined) continue;
    stack.use(
      renewing(context, first, {
        account: wish.account,
        request: () => request(each.wish),
        onToken: (next) => placement.write(each.volume, each.filesWith(next.token)),
      }),
    );
  }
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

function requireSubject(
  words: readonly string[],
  { serviceAccount, asPod, container }: RunFlags,
): void {
  if (serviceAccount !== undefined && asPod !== undefined) {
    throw new CommandError('--as-pod has the account of the pod; leave out --service-account');
  }
  if (container !== undefined && asPod === undefined) {
    throw new CommandError('--container names one of a pod; add --as-pod NAMESPACE/POD');
  }
  if (words.length === 0 && asPod === undefined) {
    throw new CommandError('no program is named; write it after --, as in: -- kubectl get pods');
  }
  if (serviceAccount === undefined && asPod === undefined) {
    requireNoPod(words);
    throw new CommandError('no account is named; add --service-account NAMESPACE/NAME');
  }
}

/** `run NAME --image=IMAGE` makes a pod where kubectl does. */
function requireNoPod(words: readonly string[]): void {
  const at = words.findIndex((word) => word === '--image' || word.startsWith('--image='));
  if (at < 0) return;
  const [name = 'NAME'] = words.filter((word) => !word.startsWith('-'));
  const image = words[at]?.slice('--image='.length) || words[at + 1] || 'IMAGE';
  throw new CommandError(
    `fairway run runs a program on this machine, not an image in the cluster; for that type: fairway create deployment ${name} --image=${image}`,
  );
}

async function podOf(
  client: ConnectedClient,
  { asPod, container }: RunFlags,
): Promise<PodProgram | undefined> {
  if (asPod === undefined) return undefined;
  return readPodProgram(client, { asPod, ...(container === undefined ? {} : { container }) });
}

function commandOf(pod: PodProgram | undefined): readonly string[] {
  if (pod !== undefined && pod.command.length > 0) return pod.command;
  throw new CommandError(
    'the container has no command of its own, and what its image would start is not here; write a program after --',
  );
}

function wishOf(
  { target }: ConnectedClient,
  { serviceAccount = '', audience }: RunFlags,
  pod: PodProgram | undefined,
): TokenWish {
  const account = pod?.account ?? parseName('--service-account', serviceAccount, target.namespace);
  return {
    account,
    ...(audience === undefined ? {} : { audience }),
    ...(pod === undefined ? {} : { pod: pod.bound }),
  };
}

function noteMissing({ missing }: PodProgram): string {
  return `Warning: this machine has not, of the pod:\n${missing.map((each) => `  ${each}\n`).join('')}`;
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

/** Places the account's files, the volumes of a pod, and nothing where a kubeconfig might be. */
async function place(
  { host, privateFiles, attached }: CommandContext,
  { volumes, mounts }: PlacedVolumes,
): Promise<Placement> {
  const placed = new Map(volumes);
  const requests = [...mounts];
  const mount = { isFile: false, isWritable: false };
  if (placed.has(accountVolume)) {
    requests.push({ ...mount, source: accountVolume, target: defaultServiceAccountDirectory });
  }
  const hidden = await userConfiguration(host);
  if (hidden !== undefined) {
    placed.set('kube', 'empty');
    requests.push({ ...mount, source: 'kube', target: hidden, isWritable: true });
  }
  return placeVolumes(
    { files: host.files, privateFiles, attached },
    { volumes: placed, mounts: requests },
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
