import { type Client, isNotFound } from '@fairway/client';
import { defaultServiceAccountDirectory } from '@fairway/client/kubeconfig';
import type { MountRequest, NewFile } from '@fairway/host';
import { type Container, Pod, type VolumeMount } from '@fairway/kinds/core/v1';
import {
  PodError,
  type TokenFile,
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
    throw new CommandError(`pod ${namespace}/${name}: ${cause.message}`, { cause });
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
  const missing = [...environment.missing];
  const volumes = new Map<string, VolumeContent>();
  const mounts: MountRequest[] = [];
  const tokens: (TokenFile & { volume: string })[] = [];
  const valueOf = (variable: string): string | undefined => environment.variables[variable];
  const places = container.volumeMounts ?? [];
  const hasAccount = places.some(isAccount);
  for (const place of places.filter((each) => !isAccount(each))) {
    const volume = pod.spec?.volumes?.find((each) => each.name === place.name);
    const content = volume && (await volumeFiles(volume, { pod, sources }));
    if (content === undefined || content.kind === 'unavailable') {
      missing.push(
        `${place.mountPath}: volume ${place.name} (${content?.source ?? 'unknown'}) is on its node only`,
      );
    } else if (neededHere.test(place.mountPath)) {
      missing.push(`${place.mountPath}: volume ${place.name} would hide what this machine needs`);
    } else {
      const volumeName = `volumes/${place.name}`;
      const subPath = place.subPathExpr
        ? expandVariables(place.subPathExpr, valueOf)
        : (place.subPath ?? '');
      const files = content.kind === 'files' ? content.files : new Map<string, NewFile>();
      if (content.kind === 'empty') {
        volumes.set(volumeName, 'empty');
        if (subPath !== '') volumes.set(`${volumeName}/${subPath}`, 'empty');
      } else {
        volumes.set(volumeName, files);
        if (!tokens.some((each) => each.volume === volumeName)) {
          tokens.push(...content.tokens.map((token) => ({ ...token, volume: volumeName })));
        }
      }
      mounts.push({
        source: subPath === '' ? volumeName : `${volumeName}/${subPath}`,
        target: place.mountPath,
        isFile: subPath !== '' && files.has(subPath),
        isWritable: content.kind === 'empty' && place.readOnly !== true,
      });
    }
  }
  return {
    account: { namespace, name: pod.spec?.serviceAccountName ?? 'default' },
    bound: { name, uid },
    hasAccount,
    variables: { HOSTNAME: pod.spec?.hostname ?? name, ...environment.variables },
    command: environment.command,
    volumes,
    mounts,
    tokens,
    missing: [
      `the files of its image ${container.image ?? ''}`.trim(),
      ...(container.workingDir ? [`its folder ${container.workingDir} to work in`] : []),
      ...missing,
    ],
  };
}

function isAccount({ mountPath }: VolumeMount): boolean {
  return mountPath.replace(/\/+$/, '') === defaultServiceAccountDirectory;
}
