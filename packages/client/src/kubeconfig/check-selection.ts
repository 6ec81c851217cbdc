import { type Files, Secret } from '@fairway/host';
import { readToken } from '../credentials/token-file.ts';
import { decodeBase64Text, isBase64 } from './base64-text.ts';
import { KubeconfigError, type KubeconfigIssue } from './kubeconfig-error.ts';
import type { ClusterStanza, ExecStanza, UserStanza } from './kubeconfig-schema.ts';
import { parseRequestTimeout } from './parse-request-timeout.ts';
import { holdsCertificate, holdsKey } from './pem.ts';
import type { ClusterOverrides, Selection } from './select-context.ts';

/** The texts of the files that a selection names, as they were when it was checked. */
export interface CheckedFiles {
  readonly certificateAuthority?: string;
  readonly clientCertificate?: string;
  readonly clientKey?: Secret;
  /** Authorities of an OpenID Connect issuer. */
  readonly issuerAuthority?: string;
}

/**
 * Makes sure that a selection can be used, and reads the files that it names.
 *
 * Errors: throws one `KubeconfigError` (`invalid`) with everything that is wrong with it.
 */
export async function checkSelection(
  files: Files,
  selection: Selection,
  overrides: ClusterOverrides = {},
): Promise<CheckedFiles> {
  const issues: KubeconfigIssue[] = [];
  const cluster = new Stanza(`clusters[${JSON.stringify(selection.clusterName)}].cluster`, {
    file: selection.clusterFile,
    issues,
  });
  const user = new Stanza(`users[${JSON.stringify(selection.userName)}].user`, {
    file: selection.userFile,
    issues,
  });
  checkUser(selection.user, user);
  checkCluster(selection.cluster, cluster);
  checkRequestTimeout(overrides, issues);
  const found = {
    ...(await readClusterFile(files, selection.cluster, cluster)),
    ...(await readUserFiles(files, selection.user, user)),
    ...(await readIssuerAuthority(files, selection.user, user)),
  };
  if (issues.length > 0) throw new KubeconfigError('invalid', issues);
  return found;
}

/** One part of a file that faults are found in. */
class Stanza {
  readonly #path: string;
  readonly #file: string;
  readonly #issues: KubeconfigIssue[];

  constructor(path: string, { file, issues }: { file: string; issues: KubeconfigIssue[] }) {
    this.#path = path;
    this.#file = file || 'command line';
    this.#issues = issues;
  }

  fault(field: string, detail: string): void {
    this.#issues.push({ file: this.#file, field: `${this.#path}.${field}`, detail });
  }
}

function checkCluster(cluster: ClusterStanza, stanza: Stanza): void {
  const data = cluster['certificate-authority-data'];
  if (!cluster.server) stanza.fault('server', 'no server found; set it to the address of the API');
  else if (!isServerAddress(cluster.server)) {
    stanza.fault('server', `${JSON.stringify(cluster.server)} is no http or https URL`);
  }
  if (data && cluster['certificate-authority']) {
    const detail =
      'certificate-authority-data and certificate-authority are both specified; keep one';
    stanza.fault('certificate-authority-data', detail);
  }
  const hasAuthority = Boolean(data || cluster['certificate-authority']);
  if (hasAuthority && cluster['insecure-skip-tls-verify']) {
    const detail = 'cannot be true together with a certificate authority; keep one';
    stanza.fault('insecure-skip-tls-verify', detail);
  }
  if (data && !holdsCertificate(decodeBase64Text(data))) {
    stanza.fault('certificate-authority-data', 'holds no PEM certificate');
  }
  checkProxyUrl(cluster['proxy-url'], stanza);
}

function isServerAddress(server: string): boolean {
  const withScheme = server.includes('://') ? server : `http://${server}`;
  const url = URL.parse(withScheme);
  return url !== null && url.hostname !== '' && /^https?:$/.test(url.protocol);
}

function checkProxyUrl(proxyUrl: string | undefined, stanza: Stanza): void {
  if (!proxyUrl) return;
  const url = URL.parse(proxyUrl);
  // The address itself is not shown: it may hold a password.
  if (url === null || url.hostname === '') stanza.fault('proxy-url', 'is not a URL with a host');
  else if (!['http:', 'https:', 'socks5:'].includes(url.protocol)) {
    const scheme = url.protocol.slice(0, -1);
    stanza.fault('proxy-url', `unsupported scheme ${scheme}; use http, https or socks5`);
  }
}

function checkUser(user: UserStanza, stanza: Stanza): void {
  const hasToken = user.token !== undefined && user.token.reveal() !== '';
  const hasBasic = Boolean(user.username) || Boolean(user.password?.reveal());
  if (hasToken && hasBasic) {
    const detail =
      'more than one authentication method found, token and username/password; keep one';
    stanza.fault('token', detail);
  }
  const headers = { token: user.token?.reveal(), username: user.username };
  for (const [field, value] of Object.entries(headers)) {
    if (value !== undefined && /[\0-\x08\x0a-\x1f\x7f]/.test(value.trim())) {
      stanza.fault(field, 'holds characters that cannot be sent, such as a line break');
    }
  }
  checkClientCertificate(user, stanza);
  if (user.exec !== undefined) checkExec(user.exec, user, stanza);
  if (user['auth-provider'] !== undefined) checkAuthProvider(user, stanza);
  const asksForMore =
    Boolean(user['as-uid']) ||
    (user['as-groups']?.length ?? 0) > 0 ||
    Object.keys(user['as-user-extra'] ?? {}).length > 0;
  if (asksForMore && !user.as) {
    stanza.fault('as', 'uid, groups or user-extra are requested without impersonating a user');
  }
}

function checkClientCertificate(user: UserStanza, stanza: Stanza): void {
  const certificateData = user['client-certificate-data'];
  const keyData = user['client-key-data']?.reveal();
  const hasCertificate = Boolean(certificateData || user['client-certificate']);
  if (certificateData && user['client-certificate']) {
    const detail = 'client-certificate-data and client-certificate are both specified; keep one';
    stanza.fault('client-certificate-data', detail);
  }
  if (keyData && user['client-key']) {
    stanza.fault('client-key-data', 'client-key-data and client-key are both specified; keep one');
  }
  if (hasCertificate && !keyData && !user['client-key']) {
    const detail = 'client-key-data or client-key must be specified to use the client certificate';
    stanza.fault('client-key', detail);
  }
  if (certificateData && !holdsCertificate(decodeBase64Text(certificateData))) {
    stanza.fault('client-certificate-data', 'holds no PEM certificate');
  }
  if (keyData && !holdsKey(decodeBase64Text(keyData))) {
    stanza.fault('client-key-data', 'holds no PEM private key');
  }
}

function checkExec(exec: ExecStanza, user: UserStanza, stanza: Stanza): void {
  if (user['auth-provider'] !== undefined) {
    stanza.fault('exec', 'cannot be combined with auth-provider; keep one');
  }
  if (!exec.command) stanza.fault('exec.command', 'must be specified');
  if (!exec.apiVersion) stanza.fault('exec.apiVersion', 'must be specified');
  else if (!execApiVersions.includes(exec.apiVersion)) {
    const detail = `invalid apiVersion ${JSON.stringify(exec.apiVersion)}; use ${execApiVersions.join(' or ')}`;
    stanza.fault('exec.apiVersion', detail);
  }
  exec.env?.forEach(({ name }, index) => {
    if (!name) stanza.fault(`exec.env[${index}].name`, 'must be specified');
  });
  const mode = exec.interactiveMode;
  if (!mode && exec.apiVersion === execApiVersions[0]) {
    stanza.fault('exec.interactiveMode', 'must be Never, IfAvailable or Always');
  } else if (mode && !['Never', 'IfAvailable', 'Always'].includes(mode)) {
    const detail = `${JSON.stringify(mode)} must be Never, IfAvailable or Always`;
    stanza.fault('exec.interactiveMode', detail);
  }
}

/** Versions of the exec protocol that are spoken. */
export const execApiVersions: readonly string[] = [
  'client.authentication.k8s.io/v1',
  'client.authentication.k8s.io/v1beta1',
];

function checkAuthProvider(user: UserStanza, stanza: Stanza): void {
  const { name = '', config = {} } = user['auth-provider'] ?? {};
  if (name === 'gcp' || name === 'azure') {
    const plugin = name === 'gcp' ? 'gke-gcloud-auth-plugin' : 'kubelogin';
    stanza.fault('auth-provider.name', `${name} has been removed; use the exec plugin ${plugin}`);
  } else if (name !== 'oidc') {
    stanza.fault(
      'auth-provider.name',
      `no auth-provider ${JSON.stringify(name)}; only oidc exists`,
    );
  } else {
    for (const key of ['idp-issuer-url', 'client-id']) {
      if (!config[key]) stanza.fault(`auth-provider.config.${key}`, 'must be specified');
    }
  }
}

function checkRequestTimeout(overrides: ClusterOverrides, issues: KubeconfigIssue[]): void {
  const { requestTimeout } = overrides;
  if (requestTimeout === undefined || parseRequestTimeout(requestTimeout) !== 'malformed') return;
  const detail = `${JSON.stringify(requestTimeout)} must be whole seconds or a number with a unit, such as 1s, 2m or 3h`;
  issues.push({ file: 'command line', field: '--request-timeout', detail });
}

async function readClusterFile(
  files: Files,
  cluster: ClusterStanza,
  stanza: Stanza,
): Promise<CheckedFiles> {
  const path = cluster['certificate-authority'];
  if (!path) return {};
  const text = await readNamedFile(files, path);
  if ('detail' in text) stanza.fault('certificate-authority', text.detail);
  else if (!holdsCertificate(text.text)) {
    stanza.fault('certificate-authority', `${path} holds no PEM certificate`);
  } else return { certificateAuthority: text.text };
  return {};
}

async function readUserFiles(
  files: Files,
  user: UserStanza,
  stanza: Stanza,
): Promise<CheckedFiles> {
  const found: { clientCertificate?: string; clientKey?: Secret } = {};
  if (user['client-certificate'] && !user['client-certificate-data']) {
    const path = user['client-certificate'];
    const text = await readNamedFile(files, path);
    if ('detail' in text) stanza.fault('client-certificate', text.detail);
    else if (!holdsCertificate(text.text)) {
      stanza.fault('client-certificate', `${path} holds no PEM certificate`);
    } else found.clientCertificate = text.text;
  }
  if (user.tokenFile && !user.token?.reveal()) {
    const problem = await problemOfToken(files, user.tokenFile);
    if (problem !== undefined) stanza.fault('tokenFile', problem);
  }
  if (user['client-key'] && !user['client-key-data']) {
    const path = user['client-key'];
    const text = await readNamedFile(files, path);
    if ('detail' in text) stanza.fault('client-key', text.detail);
    else if (!holdsKey(text.text)) stanza.fault('client-key', `${path} holds no PEM private key`);
    else found.clientKey = new Secret(text.text);
  }
  return found;
}

async function problemOfToken(files: Files, path: string): Promise<string | undefined> {
  try {
    await readToken(files, path);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function readIssuerAuthority(
  files: Files,
  user: UserStanza,
  stanza: Stanza,
): Promise<CheckedFiles> {
  const config = user['auth-provider']?.config ?? {};
  const { 'idp-certificate-authority': path, 'idp-certificate-authority-data': data } = config;
  if (typeof data === 'string' && data !== '') {
    const text = isBase64(data) ? decodeBase64Text(data) : '';
    if (holdsCertificate(text)) return { issuerAuthority: text };
    const field = 'auth-provider.config.idp-certificate-authority-data';
    stanza.fault(field, 'is not base64 of a PEM certificate');
  } else if (typeof path === 'string' && path !== '') {
    const text = await readNamedFile(files, path);
    if ('text' in text && holdsCertificate(text.text)) return { issuerAuthority: text.text };
    const detail = 'detail' in text ? text.detail : `${path} holds no PEM certificate`;
    stanza.fault('auth-provider.config.idp-certificate-authority', detail);
  }
  return {};
}

async function readNamedFile(
  files: Files,
  path: string,
): Promise<{ text: string } | { detail: string }> {
  try {
    const bytes = await files.read(path);
    if (bytes === undefined) return { detail: `unable to read ${path}: no such file` };
    return { text: new TextDecoder().decode(bytes) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { detail: `unable to read ${path}: ${reason}` };
  }
}
