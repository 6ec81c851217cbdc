import type { AuditNotes, AuthenticatedRequest, Decision, TargetedRequest } from '@fairway/access';
import {
  ApiError,
  type KubernetesObject,
  type Status,
  type UserInfo,
  headerOf,
} from '@fairway/protocol';
import { AuditEvent, quoted } from './audit-event.ts';
import type { AuditChoice, AuditStage } from './audit-policy.ts';
import type { AuditedObjects } from './audited-objects.ts';
import type { Auditor } from './auditor.ts';
import { sourceAddresses } from './source-addresses.ts';

type ObjectMetadata = NonNullable<KubernetesObject['metadata']>;

/** What came of a request: a code alone, or what it was refused with. */
export type AuditedStatus = Pick<Status, 'code'> & Partial<Omit<Status, 'code' | 'kind'>>;

/**
 * One request, and all that its events tell. The steps of the request note what they know; a stage is told
 * with what is known by then.
 */
export class AuditedCall implements AuditNotes {
  readonly annotations = new Map<string, string>();
  readonly #auditor: Auditor;
  readonly #request: TargetedRequest;
  readonly #receivedMs: number;
  #user: UserInfo | undefined;
  #impersonated: UserInfo | undefined;
  #choice: AuditChoice | undefined;
  #metadata: ObjectMetadata | undefined;
  #isOver = false;
  /** The bodies, where they are told. */
  objects: AuditedObjects | undefined;

  constructor(auditor: Auditor, request: TargetedRequest) {
    this.#auditor = auditor;
    this.#request = request;
    this.#receivedMs = auditor.clock.now();
  }

  /** Undefined until it is known who asks. */
  get choice(): AuditChoice | undefined {
    return this.#choice;
  }

  /** Chooses what is told; `user` absent: nobody who proved it. */
  identify(user: UserInfo | undefined): AuditChoice {
    this.#user = user;
    return (this.#choice = this.#auditor.choose(user, this.#request.target));
  }

  noteDecision({ user, impersonatedBy }: AuthenticatedRequest, decision: Decision): void {
    if (impersonatedBy !== undefined) this.#impersonated = user;
    const { kind, reason, evaluationError } = decision;
    const isAllowed = kind === 'allow';
    this.annotations.set('authorization.k8s.io/decision', isAllowed ? 'allow' : 'forbid');
    const why = !isAllowed && evaluationError !== undefined ? 'internal error' : reason;
    this.annotations.set('authorization.k8s.io/reason', why);
  }

  noteOfBody(key: string, value: () => string): void {
    if (this.objects?.tellsRequest === true) this.annotations.set(key, value());
  }

  noteObject(metadata: ObjectMetadata): void {
    this.#metadata = metadata;
  }

  /** Nothing more is told. */
  end(): void {
    this.#isOver = true;
  }

  /** Tells what came of it in the end, once. As `AuditBackend.take`. */
  tellComplete(
    status: AuditedStatus,
    stage: 'Panic' | 'ResponseComplete' = 'ResponseComplete',
  ): Promise<boolean> | undefined {
    if (this.#isOver) return undefined;
    this.end();
    const { objects } = this;
    if (objects?.isCut === true) this.annotations.set('audit.k8s.io/truncated', 'true');
    return this.tell(stage, { status, ...(objects && { objects }) });
  }

  /** Tells of a stage, unless the policy leaves it out. As `AuditBackend.take`. */
  tell(
    stage: AuditStage,
    outcome: { readonly status?: AuditedStatus; readonly objects?: AuditedObjects } = {},
  ): Promise<boolean> | undefined {
    const choice = this.#choice;
    if (choice === undefined || choice.level === 'None' || choice.omitStages.has(stage)) {
      return undefined;
    }
    const { status, objects } = outcome;
    const now = this.#auditor.timestamps;
    const received = now.of(this.#receivedMs);
    const at = now.of(this.#auditor.clock.now());
    return this.#auditor.take(
      new AuditEvent({
        stage,
        about: this.#about(stage, choice, status),
        objects: objects === undefined ? '' : objects.text(choice.omitsManagedFields),
        times: `,"requestReceivedTimestamp":"${received}","stageTimestamp":"${at}"`,
        annotations: stage === 'RequestReceived' ? none : this.annotations,
        legacyLine: () => this.#legacyLine(stage, status),
      }),
    );
  }

  #about(stage: AuditStage, { level }: AuditChoice, status: AuditedStatus | undefined): string {
    const impersonated =
      this.#impersonated === undefined ? '' : `,"impersonatedUser":${userText(this.#impersonated)}`;
    const { asked, sources } = this.#parts();
    const id = headerOf(this.#request.headers, 'audit-id') ?? '';
    const about = `"level":"${level}","auditID":${quoted(id)},"stage":"${stage}"`;
    return `${about}${asked}${impersonated}${sources}${this.#objectRef()}${statusText(status)}`;
  }

  #kept: { readonly asked: string; readonly sources: string } | undefined;

  /** What is the same in all stages. */
  #parts(): { readonly asked: string; readonly sources: string } {
    if (this.#kept !== undefined) return this.#kept;
    const request = this.#request;
    const addresses = sourceAddresses(request);
    const agent = headerOf(request.headers, 'user-agent');
    const uri = quoted(requestUri(request));
    const verb = quoted(request.target.verb);
    const user = this.#user === undefined ? '{}' : userText(this.#user);
    return (this.#kept = {
      asked: `,"requestURI":${uri},"verb":${verb},"user":${user}`,
      sources:
        (addresses.length === 0 ? '' : `,"sourceIPs":${listText(addresses)}`) +
        (agent === undefined ? '' : `,"userAgent":${quoted(agent)}`),
    });
  }

  #objectRef(): string {
    const { target } = this.#request;
    if (!target.isResource) return '';
    const { group, version, plural, subresource } = target;
    const { uid, resourceVersion, name, namespace } = this.#metadata ?? {};
    const fields =
      field('resource', plural) +
      field('namespace', target.namespace || namespace) +
      field('name', target.name || name) +
      field('uid', uid) +
      field('apiGroup', group) +
      field('apiVersion', version) +
      field('resourceVersion', resourceVersion) +
      field('subresource', subresource);
    return `,"objectRef":{${fields.slice(1)}}`;
  }

  /** Source: apiserver, audit/format.go, of the format that it calls legacy. */
  #legacyLine(stage: AuditStage, status: AuditedStatus | undefined): string {
    const request = this.#request;
    const { target, headers, method } = request;
    const { username = '', groups = [] } = this.#user ?? {};
    const impersonated = this.#impersonated;
    const namespace = target.isResource ? target.namespace : '';
    const [ip = '<unknown>'] = sourceAddresses(request);
    const time = this.#auditor.timestamps.of(this.#receivedMs);
    const said: readonly (readonly [string, string])[] = [
      ['id', JSON.stringify(headerOf(headers, 'audit-id') ?? '')],
      ['stage', JSON.stringify(stage)],
      ['ip', JSON.stringify(ip)],
      ['method', JSON.stringify(target.verb || method.toLowerCase())],
      ['user', JSON.stringify(username || '<none>')],
      ['groups', groups.length === 0 ? '"<none>"' : quotedList(groups)],
      ['as', JSON.stringify(impersonated?.username ?? '<self>')],
      ['asgroups', impersonated === undefined ? '"<lookup>"' : quotedList(impersonated.groups)],
      ['user-agent', JSON.stringify(headerOf(headers, 'user-agent') ?? '')],
      ['namespace', JSON.stringify(namespace || '<none>')],
      ['uri', JSON.stringify(requestUri(request))],
      ['response', JSON.stringify(status === undefined ? '<deferred>' : String(status.code))],
    ];
    return `${time} AUDIT: ${said.map(([name, value]) => `${name}=${value}`).join(' ')}`;
  }
}

const none: ReadonlyMap<string, string> = new Map();

/** What something that was thrown comes to. */
export function statusOfFailure(error: unknown, { signal }: TargetedRequest): AuditedStatus {
  if (error instanceof ApiError) return error.status;
  if (signal.aborted) return connectionClosed;
  const message = 'the server could not answer; its log says why';
  return { code: 500, status: 'Failure', reason: 'InternalError', message };
}

/** Source: apiserver, endpoints/filters/audit.go. */
const connectionClosed: AuditedStatus = {
  code: 200,
  status: 'Success',
  message: 'Connection closed early',
};

function statusText(said: AuditedStatus | undefined): string {
  if (said === undefined) return '';
  const { status, message, reason, details, code } = said;
  if (status === undefined && message === undefined) {
    return `,"responseStatus":{"metadata":{},"code":${code}}`;
  }
  const text = JSON.stringify({ metadata: {}, status, message, reason, details, code });
  return `,"responseStatus":${text}`;
}

function userText({ username, uid, groups, extra }: UserInfo): string {
  const also = extra === undefined ? '' : `,"extra":${JSON.stringify(extra)}`;
  return `{"username":${quoted(username)}${field('uid', uid)},"groups":${listText(groups)}${also}}`;
}

function listText(texts: readonly string[]): string {
  let list = '';
  for (const text of texts) list += `${list === '' ? '' : ','}${quoted(text)}`;
  return `[${list}]`;
}

function field(name: string, value: string | undefined): string {
  return value === undefined || value === '' ? '' : `,"${name}":${quoted(value)}`;
}

function requestUri({ path, query }: TargetedRequest): string {
  return query === '' ? path : `${path}?${query}`;
}

function quotedList(texts: readonly string[]): string {
  return JSON.stringify(texts.map((text) => JSON.stringify(text)).join(','));
}
