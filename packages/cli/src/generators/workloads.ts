import type { DynamicObject } from '@fairway/client';
import { CommandError } from '../command-error.ts';
import { parseResourceArguments } from '../selection/parse-resource-arguments.ts';
import { resolveResources } from '../selection/resolve-resources.ts';
import type { Generator, GeneratorTask } from './generator.ts';

interface DeploymentFlags {
  readonly image?: readonly string[];
  readonly replicas: string;
  readonly port?: string;
}

/** `create deployment` */
export const deployment: Generator<DeploymentFlags> = ({ name, command, flags }) => {
  const { image: images = [], replicas, port } = flags;
  if (images.length === 0) throw new CommandError('required flag(s) "image" not set');
  if (images.length > 1 && command.length > 0) {
    throw new CommandError(
      'cannot specify multiple --image options and command; a command is that of one container',
    );
  }
  const labels = { app: name };
  const containers = images.map((image) => ({
    name: containerNameOf(image),
    image,
    ...(command.length === 0 ? {} : { command }),
  }));
  const [first, ...others] = containers;
  const ports = port === undefined ? {} : { ports: [{ containerPort: count('--port', port) }] };
  const spec = { containers: [{ ...first, ...ports }, ...others] };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, labels },
    spec: {
      replicas: count('--replicas', replicas),
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec },
    },
  };
};

/** `registry:5000/group/Web_server:1@sha256:…` makes `web-server`. */
function containerNameOf(image: string): string {
  const last = image.split('/').at(-1) ?? '';
  const bare = last.split('@')[0]?.split(':')[0] ?? '';
  const name = bare.toLowerCase().replaceAll(/[^a-z0-9-]/g, '-');
  return name.replaceAll(/^-+|-+$/g, '');
}

interface JobFlags {
  readonly image?: string;
  readonly from?: string;
}

/** `create job` */
export const job: Generator<JobFlags> = async (task) => {
  const { name, command, flags } = task;
  const { image = '', from = '' } = flags;
  if ((image === '') === (from === '')) {
    throw new CommandError('either --image or --from must be specified');
  }
  if (from === '') {
    const template = podTemplate({ name, image, command, restartPolicy: 'Never' });
    return { apiVersion: 'batch/v1', kind: 'Job', metadata: { name }, spec: { template } };
  }
  if (command.length > 0) throw new CommandError('cannot specify --from and command');
  return await jobOf(task, from);
};

interface CronJob extends DynamicObject {
  readonly spec: {
    readonly jobTemplate: { readonly metadata?: DynamicObject['metadata']; readonly spec: unknown };
  };
}

async function jobOf(
  { client, context, discovery, name }: GeneratorTask<JobFlags>,
  from: string,
): Promise<DynamicObject> {
  const [wanted] = await resolveResources(discovery, parseResourceArguments([from]));
  const [source] = wanted?.names ?? [];
  if (wanted === undefined || source === undefined) {
    throw new CommandError(
      'resource(s) were provided, but no name was specified: write --from=cronjob/NAME',
    );
  }
  const found = await client.get(wanted.resource, source, { signal: context.signal });
  const { kind, group } = wanted.resource;
  if (kind !== 'CronJob' || group !== 'batch') {
    throw new CommandError(`from must be an existing cronjob, and ${from} is a ${kind}`);
  }
  const { metadata: ofTemplate, spec } = (found as CronJob).spec.jobTemplate;
  const { labels } = ofTemplate ?? {};
  const annotations = {
    'cronjob.kubernetes.io/instantiate': 'manual',
    ...ofTemplate?.annotations,
  };
  const owner = {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    name: source,
    uid: found.metadata?.uid ?? '',
    controller: true,
  };
  const metadata = {
    name,
    annotations,
    ...(labels === undefined ? {} : { labels }),
    ownerReferences: [owner],
  };
  return { apiVersion: 'batch/v1', kind: 'Job', metadata, spec };
}

interface CronJobFlags {
  readonly image?: string;
  readonly schedule?: string;
  readonly restart: string;
}

/** `create cronjob` */
export const cronJob: Generator<CronJobFlags> = ({ name, command, flags }) => {
  const { image = '', schedule = '', restart } = flags;
  const missing = [image === '' ? '"image"' : '', schedule === '' ? '"schedule"' : ''];
  if (missing.some((each) => each !== '')) {
    throw new CommandError(`required flag(s) ${missing.filter(Boolean).join(', ')} not set`);
  }
  const restartPolicy = restart === '' ? 'OnFailure' : restart;
  const template = podTemplate({ name, image, command, restartPolicy });
  const jobTemplate = { metadata: { name }, spec: { template } };
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name },
    spec: { schedule, jobTemplate },
  };
};

function podTemplate({
  name,
  image,
  command,
  restartPolicy,
}: {
  readonly name: string;
  readonly image: string;
  readonly command: readonly string[];
  readonly restartPolicy: string;
}): object {
  const container = { name, image, ...(command.length === 0 ? {} : { command }) };
  return { spec: { containers: [container], restartPolicy } };
}

function count(flag: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new CommandError(`cannot use ${flag} ${JSON.stringify(text)}: it is a number, 0 or more`);
}
