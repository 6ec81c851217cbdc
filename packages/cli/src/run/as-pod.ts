import { type Client, isNotFound } from '@fairway/client';
import { defaultServiceAccountDirectory } from '@fairway/client/kubeconfig';
import type { MountRequest } from '@fairway/host';
import { type Container, Pod, type VolumeMount } from '@fairway/kinds/core/v1';
import {
  PodError,
  type TokenFile,
  type VolumeFiles,
  containerEnvironment,
  expandVariables,
  podSources,
  volumeFiles,
} from '@fairway/node-agent';
import { CommandError } from '../command-error.ts';
import type { VolumeContent } from './place-volumes.ts';
import { type AccountName, parseName } from './request-token.ts';

/** What one container of a pod gives its program, as far as it can be had on this machine. */
export interface PodProgram {
  readonly account: AccountName;
  /** The pod, for tokens that end with it. */
  readonly bound: { readonly name: string; readonly uid: string };
  /** Whether the container has the account's files at the usual place. */
  readonly hasAccount: boolean;
  readonly variables: Readonly<Record<string, string>>;
  /** Empty when only the image knows it. */
  readonly command: readonly string[];
  readonly volumes: ReadonlyMap<string, VolumeContent>;
  readonly mounts: readonly MountRequest[];
  readonly tokens: readonly (TokenFile & { readonly volume: string })[];
  /** What is not as in the pod, in words. */
  readonly missing: readonly string[];
}

/** Places that hold what every program of this machine needs; nothing is mounted over them. */
const neededHere = /^\/(|bin|boot|dev|etc|lib\d*|proc|sbin|sys|usr|usr\/(bin|lib|lib64|sbin))\/?$/;

/** Reads all that a container of a pod refers to. Errors: `CommandError` for what is not there. */
export async function readPodProgram(
  client: Client & { readonly target: { readonly namespace: string } },
  wish: { readonly asPod: string; readonly container?: string },
): Promise<PodProgram> {
  const { namespace, name } = parseName('--as-pod', wish.asPod, client.target.namespace);
  const pod = await readPod(client, namespace, name);
  const container = chooseContainer(pod, wish.container);
  try {
    return await programOf(client, pod, container);
  } catch (cause) {
    if (!(cause instanceof PodError)) throw cause;
    const remedy = 'add it: the pod cannot start on its node without it either';
    throw new CommandError(`pod ${namespace}/${name}: ${cause.message}; ${remedy}`, { cause });
  }
}

async function readPod(client: Client, namespace: string, name: string): Promise<Pod> {
  try {
    return await client.get(Pod, name, { namespace });
  } catch (error) {
    if (!isNotFound(error)) throw error;
    const remedy = `see which there are: kubectl get pods --namespace ${namespace}`;
    throw new CommandError(`${error.message}; ${remedy}`, { cause: error });
  }
}

function chooseContainer({ metadata, spec }: Pod, wanted?: string): Container {
  const containers = [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])];
  const name = wanted ?? metadata?.annotations?.['kubectl.kubernetes.io/default-container'];
  const found = name === undefined ? containers[0] : containers.find((each) => each.name === name);
  if (found !== undefined) return found;
  const names = containers.map((each) => each.name).join(', ');
  throw new CommandError(`the pod has no container ${JSON.stringify(name)}; it has ${names}`);
}

async function programOf(client: Client, pod: Pod, container: Container): Promise<PodProgram> {
  const { name = '', namespace = '', uid = '' } = pod.metadata ?? {};
  const sources = podSources(client, namespace);
  const environment = await containerEnvironment(pod, container, sources);
  const places = (container.volumeMounts ?? []).map((place) => ({
    ...place,
    subPath: subPathOf(place, environment.variables),
  }));
  const found = new Volumes();
  for (const place of places.filter((each) => !isAccount(each))) {
    const volume = pod.spec?.volumes?.find((each) => each.name === place.name);
    if (volume !== undefined) found.add(place, await volumeFiles(volume, { pod, sources }));
  }
  const { volumes, mounts, tokens } = found;
  return {
    account: { namespace, name: pod.spec?.serviceAccountName ?? 'default' },
    bound: { name, uid },
    hasAccount: places.some(isAccount),
    variables: { HOSTNAME: pod.spec?.hostname ?? name, ...environment.variables },
    // Without a command the arguments are those of the image's, which is not here.
    command: environment.command.length === 0 ? [] : [...environment.command, ...environment.args],
    volumes,
    mounts,
    tokens,
    missing: [
      `the files of its image ${container.image ?? ''}`.trim(),
      ...(container.workingDir ? [`its folder ${container.workingDir} to work in`] : []),
      ...environment.missing,
      ...found.missing,
    ],
  };
}

/** The volumes of a container, as they are found. */
class Volumes {
  readonly volumes = new Map<string, VolumeContent>();
  readonly mounts: MountRequest[] = [];
  readonly tokens: (TokenFile & { readonly volume: string })[] = [];
  readonly missing: string[] = [];

  add({ name, mountPath, subPath, readOnly }: Place, content: VolumeFiles): void {
    if (content.kind === 'unavailable') {
      this.missing.push(`${mountPath}: volume ${name} (${content.source}) is on its node only`);
      return;
    }
    if (neededHere.test(mountPath)) {
      this.missing.push(`${mountPath}: volume ${name} would hide what this machine needs`);
      return;
    }
    // Apart from our own, which may have the same name.
    const volume = `volumes/${name}`;
    const source = subPath === '' ? volume : `${volume}/${subPath}`;
    if (content.kind === 'empty') {
      this.volumes.set(volume, 'empty').set(source, 'empty');
    } else if (!this.volumes.has(volume)) {
      this.volumes.set(volume, content.files);
      this.tokens.push(...content.tokens.map((token) => ({ ...token, volume })));
    }
    this.mounts.push({
      source,
      target: mountPath,
      isFile: content.kind === 'files' && content.files.has(subPath),
      isWritable: content.kind === 'empty' && readOnly !== true,
    });
  }
}

type Place = VolumeMount & { readonly subPath: string };

function subPathOf(
  { subPath = '', subPathExpr }: VolumeMount,
  variables: Readonly<Record<string, string>>,
): string {
  return subPathExpr ? expandVariables(subPathExpr, (name) => variables[name]) : subPath;
}

function isAccount({ mountPath }: VolumeMount): boolean {
  return mountPath.replace(/\/+$/, '') === defaultServiceAccountDirectory;
}
