import type {
  Container,
  EnvFromSource,
  EnvVarSource,
  FileKeySelector,
  Pod,
  Service,
} from '@fairway/kinds/core/v1';
import { PodError, type PodSources, absentError } from '../sources/pod-sources.ts';
import { expandVariables } from './expand-variables.ts';
import { EnvFileError, parseEnvFile } from './parse-env-file.ts';
import { fieldValue, resourceValue } from './field-value.ts';
import { serviceVariables } from './service-variables.ts';

export interface ContainerEnvironment {
  readonly variables: Readonly<Record<string, string>>;
  /** What its program is started with; empty when the image says so. */
  readonly command: readonly string[];
  /** In place of those of the image. */
  readonly args: readonly string[];
  /** What could not be had, in words. */
  readonly missing: readonly string[];
}

/**
 * The variables and the command of a container as the kubelet makes them: of services, then
 * `envFrom`, then `env`, each in its order, the later ones over the earlier.
 *
 * Errors: `PodError` where the kubelet would not start it either.
 */
export async function containerEnvironment(
  pod: Pod,
  container: Container,
  sources: PodSources,
): Promise<ContainerEnvironment> {
  const services = serviceVariables(linkedServices(pod, await sources.services()));
  const own: Record<string, string> = {};
  const missing: string[] = [];
  const valueOf = (name: string): string | undefined => own[name] ?? services[name];
  for (const from of container.envFrom ?? []) Object.assign(own, await allOf(from, sources));
  for (const { name, value, valueFrom } of container.env ?? []) {
    if (value) own[name] = expandVariables(value, valueOf);
    else if (valueFrom === undefined) own[name] = '';
    else {
      const outcome = await referredValue(valueFrom, { pod, container, sources });
      if (outcome.kind === 'value') own[name] = outcome.value;
      if (outcome.kind === 'missing') missing.push(`variable ${name}: ${outcome.why}`);
    }
  }
  const expand = (text: string): string => expandVariables(text, valueOf);
  const { command = [], args = [] } = container;
  return {
    variables: { ...services, ...own },
    command: command.map(expand),
    args: args.map(expand),
    missing,
  };
}

/** The API itself is always among them. */
function linkedServices({ metadata, spec }: Pod, services: readonly Service[]): readonly Service[] {
  const isApi = (service: Service): boolean =>
    service.metadata?.namespace === 'default' && service.metadata.name === 'kubernetes';
  const isLinked = ({ metadata: of }: Service): boolean =>
    spec?.enableServiceLinks !== false && of?.namespace === metadata?.namespace;
  // One of the pod's own namespace that has the same name counts.
  return [...services.filter(isApi), ...services.filter((each) => !isApi(each) && isLinked(each))];
}

async function allOf(
  { configMapRef, secretRef, prefix = '' }: EnvFromSource,
  sources: PodSources,
): Promise<Record<string, string>> {
  const values: Record<string, string> = {};
  if (configMapRef !== undefined) {
    const { name = '', optional } = configMapRef;
    const map = await sources.configMap(name);
    if (map === undefined && optional !== true) throw absentError('configmap', name);
    for (const [key, value] of Object.entries(map?.data ?? {})) values[`${prefix}${key}`] = value;
  }
  if (secretRef !== undefined) {
    const { name = '', optional } = secretRef;
    const secret = await sources.secret(name);
    if (secret === undefined && optional !== true) throw absentError('secret', name);
    for (const [key, value] of Object.entries(secret?.data ?? {})) {
      values[`${prefix}${key}`] = Buffer.from(value, 'base64').toString();
    }
  }
  return values;
}

type Referred =
  | { readonly kind: 'value'; readonly value: string }
  /** Optional, and not there: the variable is left out. */
  | { readonly kind: 'none' }
  | { readonly kind: 'missing'; readonly why: string };

async function referredValue(
  from: EnvVarSource,
  of: { readonly pod: Pod; readonly container: Container; readonly sources: PodSources },
): Promise<Referred> {
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef } = from;
  if (fieldRef !== undefined) {
    const value = fieldValue(of.pod, fieldRef.fieldPath);
    return value === undefined
      ? { kind: 'missing', why: `there is no field ${fieldRef.fieldPath}` }
      : { kind: 'value', value };
  }
  if (resourceFieldRef !== undefined) {
    const { containerName, resource } = resourceFieldRef;
    const named = of.pod.spec?.containers.find(({ name }) => name === containerName);
    const value = resourceValue(named ?? of.container, resourceFieldRef);
    return value === undefined
      ? { kind: 'missing', why: `${resource} is what its node has, as the container names none` }
      : { kind: 'value', value };
  }
  if (configMapKeyRef !== undefined) {
    const { name = '', key, optional } = configMapKeyRef;
    const map = await of.sources.configMap(name);
    const value = map?.data?.[key];
    if (value !== undefined) return { kind: 'value', value };
    if (optional === true) return { kind: 'none' };
    if (map === undefined) throw absentError('configmap', name);
    throw absentKey(key, `ConfigMap ${of.pod.metadata?.namespace}/${name}`);
  }
  if (secretKeyRef !== undefined) {
    const { name = '', key, optional } = secretKeyRef;
    const secret = await of.sources.secret(name);
    const value = secret?.data?.[key];
    if (value !== undefined) {
      return { kind: 'value', value: Buffer.from(value, 'base64').toString() };
    }
    if (optional === true) return { kind: 'none' };
    if (secret === undefined) throw absentError('secret', name);
    throw absentKey(key, `Secret ${of.pod.metadata?.namespace}/${name}`);
  }
  if (fileKeyRef !== undefined && of.sources.volumeFile !== undefined) {
    return fileValue(fileKeyRef, of.sources.volumeFile);
  }
  return { kind: 'missing', why: `its source (${Object.keys(from).join()}) is not known` };
}

async function fileValue(
  { volumeName, path, key, optional = false }: FileKeySelector,
  read: NonNullable<PodSources['volumeFile']>,
): Promise<Referred> {
  const bytes = await read(volumeName, path);
  if (bytes === undefined && !optional) {
    throw new PodError(`there is no file ${JSON.stringify(path)} in volume ${volumeName}`);
  }
  try {
    const value = parseEnvFile(Buffer.from(bytes ?? []).toString()).get(key);
    if (value !== undefined) return { kind: 'value', value };
  } catch (cause) {
    if (!(cause instanceof EnvFileError)) throw cause;
    throw new PodError(`couldn't parse env file: ${cause.message} of ${JSON.stringify(path)}`, {
      cause,
    });
  }
  if (optional) return { kind: 'none' };
  const [name, file] = [JSON.stringify(key), JSON.stringify(path)];
  throw new PodError(`environment variable key ${name} not found in file ${file}`);
}

function absentKey(key: string, where: string): PodError {
  return new PodError(`couldn't find key ${key} in ${where}`);
}
