import {
  type Clock,
  CommandNotFoundError,
  type CommandResult,
  type Environment,
  type Processes,
  Secret,
  messageOf,
} from '@fairway/host';
import { type JsonObject, isJsonObject } from '@fairway/protocol';
import { bearerCredential, type Credential, type Credentials } from '../cluster-target.ts';
import type { ExecStanza } from '../kubeconfig/kubeconfig-schema.ts';
import { holdsCertificate, holdsKey } from '../kubeconfig/pem.ts';
import { refreshingCredentials } from './refreshing-credentials.ts';

/** What a plugin may be told about the cluster. Source: client.authentication.k8s.io/v1, Cluster. */
export interface ExecClusterInfo {
  readonly server: string;
  readonly 'tls-server-name'?: string;
  readonly 'insecure-skip-tls-verify'?: boolean;
  readonly 'certificate-authority-data'?: string;
  readonly 'proxy-url'?: string;
  readonly 'disable-compression'?: boolean;
  /** The cluster's extension `client.authentication.k8s.io/exec`. */
  readonly config?: unknown;
}

export interface ExecPluginHost {
  readonly processes: Processes;
  readonly environment: Environment;
  readonly clock: Clock;
}

/** What a plugin may print. */
export const execOutputBytesMax: number = 1024 * 1024;
/** A plugin that talks to a person gets time for that; any other is stuck after two minutes. */
export const execInteractiveTimeoutMs: number = 15 * 60_000;
export const execTimeoutMs = 120_000;

/**
 * Credentials from another program, as kubeconfig's `exec` describes.
 *
 * It runs when first needed, when what it answered expires, and after a 401; never twice at the
 * same time. Errors: throws `ExecPluginError`.
 * Source: Kubernetes documentation, "client-go credential plugins".
 */
export function execPluginCredentials(
  host: ExecPluginHost,
  exec: ExecStanza,
  cluster: ExecClusterInfo,
): Credentials {
  const load = async (): Promise<Credential> => {
    const isInteractive = decideInteractive(exec, host.environment);
    const result = await runPlugin(host, { exec, cluster, isInteractive });
    return readExecCredential(result, exec);
  };
  return refreshingCredentials({ clock: host.clock, load });
}

/** A credential plugin gave no credential. Never shows what it printed. */
export class ExecPluginError extends Error {
  override readonly name = 'ExecPluginError';
  readonly problem: 'not-found' | 'failed' | 'no-terminal' | 'bad-answer';

  constructor(problem: ExecPluginError['problem'], message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.problem = problem;
  }
}

function decideInteractive(exec: ExecStanza, environment: Environment): boolean {
  switch (exec.interactiveMode ?? 'IfAvailable') {
    case 'Never':
      return false;
    case 'Always':
      if (environment.isInteractive) return true;
      throw new ExecPluginError(
        'no-terminal',
        `exec plugin ${exec.command} cannot run: standard input is not a terminal; run it from one`,
      );
    default:
      return environment.isInteractive;
  }
}

async function runPlugin(
  { processes, environment }: ExecPluginHost,
  run: { exec: ExecStanza; cluster: ExecClusterInfo; isInteractive: boolean },
): Promise<Uint8Array> {
  const { exec, cluster, isInteractive } = run;
  const { command: file = '', args = [], env = [], apiVersion } = exec;
  const spec = { interactive: isInteractive, ...(exec.provideClusterInfo ? { cluster } : {}) };
  const info = JSON.stringify({ kind: 'ExecCredential', apiVersion, spec });
  const result = await attempt(exec, () =>
    processes.run({
      file,
      arguments: args,
      environment: {
        ...environment.variables,
        ...Object.fromEntries(env.map(({ name = '', value = '' }) => [name, value])),
        KUBERNETES_EXEC_INFO: info,
      },
      input: isInteractive ? 'inherit' : 'none',
      outputBytesMax: execOutputBytesMax,
      timeoutMs: isInteractive ? execInteractiveTimeoutMs : execTimeoutMs,
    }),
  );
  if (result.exitCode === 0) return result.output;
  const message = `exec: executable ${file} failed with exit code ${result.exitCode}`;
  throw new ExecPluginError('failed', withHint(message, exec));
}

async function attempt(
  exec: ExecStanza,
  run: () => Promise<CommandResult>,
): Promise<CommandResult> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof CommandNotFoundError) {
      const message = withHint(`exec: executable ${exec.command} not found`, exec);
      throw new ExecPluginError('not-found', message, { cause: error });
    }
    const reason = messageOf(error);
    const message = withHint(`exec: executable ${exec.command} failed: ${reason}`, exec);
    throw new ExecPluginError('failed', message, { cause: error });
  }
}

function withHint(message: string, exec: ExecStanza): string {
  return exec.installHint ? `${message}\n\n${exec.installHint.trim()}` : message;
}

/** The credential in a plugin's answer. Source: client.authentication.k8s.io/v1, ExecCredential. */
function readExecCredential(output: Uint8Array, exec: ExecStanza): Credential {
  const answer = parseAnswer(output, exec);
  if (answer['kind'] !== 'ExecCredential') throw badAnswer(exec, 'its kind is not ExecCredential');
  if (answer['apiVersion'] !== exec.apiVersion) {
    const actual = JSON.stringify(answer['apiVersion']);
    throw badAnswer(exec, `its apiVersion is ${actual}, configured is "${exec.apiVersion}"`);
  }
  const { status } = answer;
  if (!isJsonObject(status)) throw badAnswer(exec, 'it has no status');
  const token = optionalText(status, 'token', exec);
  const certificate = optionalText(status, 'clientCertificateData', exec);
  const key = optionalText(status, 'clientKeyData', exec);
  if (token === undefined && certificate === undefined && key === undefined) {
    throw badAnswer(exec, 'it has neither a token nor a client certificate');
  }
  if ((certificate === undefined) !== (key === undefined)) {
    throw badAnswer(exec, 'a client certificate and its key must come together');
  }
  const expiresMs = expiryOf(status, exec);
  return {
    ...(token === undefined ? {} : bearerCredential(token)),
    ...(certificate === undefined || key === undefined
      ? {}
      : { clientCertificate: checkedPair(certificate, key, exec) }),
    ...(expiresMs === undefined ? {} : { expiresMs }),
  };
}

function parseAnswer(output: Uint8Array, exec: ExecStanza): JsonObject {
  let answer: unknown;
  try {
    answer = JSON.parse(new TextDecoder().decode(output));
  } catch {
    // The parser's message would quote the output, which may hold a token.
    throw badAnswer(exec, 'it is not JSON');
  }
  if (!isJsonObject(answer)) throw badAnswer(exec, 'it is not a JSON object');
  return answer;
}

function optionalText(status: JsonObject, field: string, exec: ExecStanza): string | undefined {
  const value = status[field] ?? '';
  if (typeof value !== 'string') throw badAnswer(exec, `status.${field} is not a string`);
  if (field === 'token' && /[^\x20-\x7e]/.test(value)) {
    throw badAnswer(exec, 'status.token holds characters that no token has');
  }
  return value === '' ? undefined : value;
}

function checkedPair(
  certificate: string,
  key: string,
  exec: ExecStanza,
): { certificate: string; key: Secret } {
  if (!holdsCertificate(certificate)) {
    throw badAnswer(exec, 'status.clientCertificateData holds no PEM certificate');
  }
  if (!holdsKey(key)) throw badAnswer(exec, 'status.clientKeyData holds no PEM private key');
  return { certificate, key: new Secret(key) };
}

function expiryOf(status: JsonObject, exec: ExecStanza): number | undefined {
  const { expirationTimestamp } = status;
  if (expirationTimestamp === undefined || expirationTimestamp === null) return undefined;
  const expiresMs =
    typeof expirationTimestamp === 'string' && rfc3339.test(expirationTimestamp)
      ? Date.parse(expirationTimestamp)
      : Number.NaN;
  if (Number.isNaN(expiresMs))
    throw badAnswer(exec, 'status.expirationTimestamp is no RFC 3339 time');
  return expiresMs;
}

const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i;

function badAnswer(exec: ExecStanza, why: string): ExecPluginError {
  return new ExecPluginError(
    'bad-answer',
    `exec: cannot use the answer of ${exec.command}: ${why}; see what it prints when run by hand`,
  );
}
