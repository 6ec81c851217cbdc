import {
  FieldReader,
  checkDnsSubdomain,
  fieldErrorText,
  duplicate,
  invalidValue,
  required,
  tooMany,
} from '@fairway/protocol';
import { type MatchConditions, compileMatchConditions } from './match-conditions.ts';

/** One authorizer of a configuration, in its order. */
export type ConfiguredAuthorizer =
  | { readonly type: BuiltInType; readonly name: string }
  | { readonly type: 'Webhook'; readonly name: string; readonly webhook: WebhookConfiguration };

export type BuiltInType = 'Node' | 'RBAC' | 'AlwaysAllow' | 'AlwaysDeny';

export interface WebhookConfiguration {
  /** Absolute; absent: the cluster that this server runs in. */
  readonly kubeConfigFile?: string;
  readonly version: 'v1' | 'v1beta1';
  readonly timeoutMs: number;
  /** Zero: not kept. */
  readonly authorizedTtlMs: number;
  readonly unauthorizedTtlMs: number;
  readonly failurePolicy: 'NoOpinion' | 'Deny';
  readonly conditions: MatchConditions;
}

export type ReadConfiguration =
  | { readonly kind: 'read'; readonly authorizers: readonly ConfiguredAuthorizer[] }
  /** In words, each with its field. */
  | { readonly kind: 'refused'; readonly problems: readonly string[] };

const group = 'apiserver.config.k8s.io';
const apiVersions: readonly unknown[] = [`${group}/v1`, `${group}/v1beta1`, `${group}/v1alpha1`];
const types: readonly string[] = ['AlwaysAllow', 'AlwaysDeny', 'Node', 'RBAC', 'Webhook'];

/**
 * Reads the document that `--authorization-config` names.
 *
 * Source: apiserver.config.k8s.io/v1 AuthorizationConfiguration, KEP-3221.
 */
export async function readAuthorizationConfiguration(
  document: unknown,
): Promise<ReadConfiguration> {
  const reader = new FieldReader();
  const root = reader.object('', document, ['apiVersion', 'kind', 'authorizers']);
  if (!apiVersions.includes(root['apiVersion']) || root['kind'] !== 'AuthorizationConfiguration') {
    const wanted = `apiVersion ${apiVersions.join(' or ')} and kind AuthorizationConfiguration`;
    return { kind: 'refused', problems: [`it has not ${wanted}`] };
  }
  const entries = reader.list('authorizers', root['authorizers']);
  if (entries.length === 0) {
    const why = 'at least one authorization mode must be defined';
    reader.problems.push(required('authorizers', why));
  }
  const authorizers: ConfiguredAuthorizer[] = [];
  for (const [at, entry] of entries.entries()) {
    const read = await readAuthorizer(reader, `authorizers[${at}]`, { entry, before: authorizers });
    if (read !== undefined) authorizers.push(read);
  }
  if (reader.problems.length === 0) return { kind: 'read', authorizers };
  const problems = reader.problems.map(fieldErrorText);
  return { kind: 'refused', problems };
}

async function readAuthorizer(
  reader: FieldReader,
  field: string,
  { entry, before }: { entry: unknown; before: readonly ConfiguredAuthorizer[] },
): Promise<ConfiguredAuthorizer | undefined> {
  const fields = reader.object(field, entry, ['type', 'name', 'webhook']);
  const type = reader.choice(`${field}.type`, fields['type'], types);
  if (type === undefined) return undefined;
  if (type !== 'Webhook' && before.some((each) => each.type === type)) {
    reader.problems.push(duplicate(`${field}.type`, type));
    return undefined;
  }
  const name = readName(reader, `${field}.name`, { text: fields['name'], before });
  const { webhook } = fields;
  if (type !== 'Webhook') {
    if (webhook !== undefined) {
      const why = 'may only be specified when type=Webhook';
      reader.problems.push(invalidValue(`${field}.webhook`, 'non-null', why));
    }
    return { type: type as BuiltInType, name };
  }
  if (webhook === undefined) {
    reader.problems.push(required(`${field}.webhook`, 'required when type=Webhook'));
    return undefined;
  }
  return { type, name, webhook: await readWebhook(reader, `${field}.webhook`, webhook) };
}

function readName(
  reader: FieldReader,
  field: string,
  { text, before }: { text: unknown; before: readonly ConfiguredAuthorizer[] },
): string {
  const name = reader.text(field, text);
  if (name === undefined) return '';
  const problem = checkDnsSubdomain(name);
  if (before.some((each) => each.name === name)) reader.problems.push(duplicate(field, name));
  else if (problem !== undefined) {
    reader.problems.push(invalidValue(field, name, `authorizer name is invalid: ${problem}`));
  }
  return name;
}

const minuteMs = 60_000;
const timeoutMsMax = 30_000;
const conditionsMax = 64;
const webhookFields = [
  'authorizedTTL',
  'cacheAuthorizedRequests',
  'unauthorizedTTL',
  'cacheUnauthorizedRequests',
  'timeout',
  'subjectAccessReviewVersion',
  'matchConditionSubjectAccessReviewVersion',
  'failurePolicy',
  'connectionInfo',
  'matchConditions',
];

async function readWebhook(
  reader: FieldReader,
  field: string,
  value: unknown,
): Promise<WebhookConfiguration> {
  const fields = reader.object(field, value, webhookFields);
  const at = (name: string): [string, unknown] => [`${field}.${name}`, fields[name]];
  const timeoutMs = reader.duration(...at('timeout'), { msMax: timeoutMsMax });
  const authorizedTtlMs = reader.duration(...at('authorizedTTL'), { msDefault: 5 * minuteMs });
  const unauthorizedTtlMs = reader.duration(...at('unauthorizedTTL'), { msDefault: minuteMs / 2 });
  const isKept = reader.flag(...at('cacheAuthorizedRequests'));
  const isRefusalKept = reader.flag(...at('cacheUnauthorizedRequests'));
  const version = reader.choice(...at('subjectAccessReviewVersion'), ['v1', 'v1beta1']);
  const failurePolicy = reader.choice(...at('failurePolicy'), ['NoOpinion', 'Deny']);
  const kubeConfigFile = readConnection(reader, ...at('connectionInfo'));
  return {
    ...(kubeConfigFile === undefined ? {} : { kubeConfigFile }),
    version: (version ?? 'v1') as WebhookConfiguration['version'],
    timeoutMs,
    authorizedTtlMs: isKept ? authorizedTtlMs : 0,
    unauthorizedTtlMs: isRefusalKept ? unauthorizedTtlMs : 0,
    failurePolicy: (failurePolicy ?? 'Deny') as WebhookConfiguration['failurePolicy'],
    conditions: await readConditions(reader, field, fields),
  };
}

function readConnection(reader: FieldReader, field: string, value: unknown): string | undefined {
  const { type, kubeConfigFile } = reader.object(field, value, ['type', 'kubeConfigFile']);
  const chosen = reader.choice(`${field}.type`, type, ['InClusterConfig', 'KubeConfigFile']);
  const place = `${field}.kubeConfigFile`;
  if (chosen === 'InClusterConfig' && kubeConfigFile !== undefined) {
    const why = 'can only be set when type=KubeConfigFile';
    reader.problems.push(invalidValue(place, kubeConfigFile, why));
  }
  if (chosen !== 'KubeConfigFile') return undefined;
  const path = reader.text(place, kubeConfigFile);
  if (path !== undefined && !path.startsWith('/')) {
    reader.problems.push(invalidValue(place, path, 'must be an absolute path'));
  }
  return path;
}

async function readConditions(
  reader: FieldReader,
  field: string,
  fields: Readonly<Record<string, unknown>>,
): Promise<MatchConditions> {
  const list = reader.list(`${field}.matchConditions`, fields['matchConditions']);
  const version = `${field}.matchConditionSubjectAccessReviewVersion`;
  const given = fields['matchConditionSubjectAccessReviewVersion'];
  if (given !== undefined) reader.choice(version, given, ['v1']);
  else if (list.length > 0) {
    reader.problems.push(required(version, 'required if match conditions are specified'));
  }
  if (list.length > conditionsMax) {
    reader.problems.push(tooMany(`${field}.matchConditions`, list.length, conditionsMax));
    return (await compileMatchConditions([])).conditions;
  }
  const expressions: string[] = [];
  const places: string[] = [];
  for (const [at, each] of list.entries()) {
    const place = `${field}.matchConditions[${at}]`;
    const { expression } = reader.object(place, each, ['expression']);
    const text = reader.text(`${place}.expression`, expression);
    if (text === undefined) continue;
    if (text.trim() === '') reader.problems.push(required(`${place}.expression`));
    else if (expressions.includes(text)) {
      reader.problems.push(duplicate(`${place}.expression`, text));
    } else {
      expressions.push(text);
      places.push(`${place}.expression`);
    }
  }
  const { conditions, problems } = await compileMatchConditions(expressions);
  for (const { index, why } of problems) {
    reader.problems.push(invalidValue(places[index] ?? field, expressions[index], why));
  }
  return conditions;
}
