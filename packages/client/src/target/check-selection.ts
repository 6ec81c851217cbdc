import { type Files, Secret, messageOf } from '@fairway/host';
import type { CheckedFiles } from '../credentials/checked-files.ts';
import { readToken } from '../credentials/token-file.ts';
import { decodeBase64Text, isBase64 } from '../kubeconfig/base64-text.ts';
import { checkCluster, type Report } from '../kubeconfig/check-cluster.ts';
import { checkUser } from '../kubeconfig/check-user.ts';
import { KubeconfigError, type KubeconfigIssue } from '../kubeconfig/kubeconfig-error.ts';
import type { ClusterStanza, UserStanza } from '../kubeconfig/kubeconfig-schema.ts';
import { parseRequestTimeout } from '../kubeconfig/parse-request-timeout.ts';
import { holdsCertificate, holdsKey } from '../kubeconfig/pem.ts';
import type { ClusterOverrides, Selection } from '../kubeconfig/select-context.ts';

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
  const reporter = (file: string, stanza: string): Report => {
    return (field, detail) => {
      issues.push({ file: file || 'command line', field: `${stanza}.${field}`, detail });
    };
  };
  const { cluster, clusterName, clusterFile, user, userName, userFile } = selection;
  const reportCluster = reporter(clusterFile, `clusters[${JSON.stringify(clusterName)}].cluster`);
  const reportUser = reporter(userFile, `users[${JSON.stringify(userName)}].user`);
  checkCluster(cluster, reportCluster);
  checkUser(user, reportUser);
  checkRequestTimeout(overrides, issues);
  const found = {
    ...(await readClusterFile(files, cluster, reportCluster)),
    ...(await readUserFiles(files, user, reportUser)),
    ...(await readIssuerAuthority(files, user, reportUser)),
  };
  if (issues.length > 0) throw new KubeconfigError('invalid', issues);
  return found;
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
  report: Report,
): Promise<CheckedFiles> {
  const path = cluster['certificate-authority'];
  if (!path) return {};
  const text = await readPem(
    files,
    { path, field: 'certificate-authority', holds: certificate },
    report,
  );
  return text === undefined ? {} : { certificateAuthority: text };
}

async function readUserFiles(
  files: Files,
  user: UserStanza,
  report: Report,
): Promise<CheckedFiles> {
  const { 'client-certificate': certificatePath, 'client-key': keyPath, tokenFile } = user;
  const clientCertificate =
    certificatePath && !user['client-certificate-data']
      ? await readPem(
          files,
          { path: certificatePath, field: 'client-certificate', holds: certificate },
          report,
        )
      : undefined;
  const clientKey =
    keyPath && !user['client-key-data']
      ? await readPem(files, { path: keyPath, field: 'client-key', holds: privateKey }, report)
      : undefined;
  if (tokenFile && !user.token?.reveal()) {
    const problem = await problemOfToken(files, tokenFile);
    if (problem !== undefined) report('tokenFile', problem);
  }
  return {
    ...(clientCertificate === undefined ? {} : { clientCertificate }),
    ...(clientKey === undefined ? {} : { clientKey: new Secret(clientKey) }),
  };
}

async function readIssuerAuthority(
  files: Files,
  user: UserStanza,
  report: Report,
): Promise<CheckedFiles> {
  const config = user['auth-provider']?.config ?? {};
  const { 'idp-certificate-authority': path, 'idp-certificate-authority-data': data } = config;
  const field = 'auth-provider.config.idp-certificate-authority';
  if (typeof data === 'string' && data !== '') {
    const text = isBase64(data) ? decodeBase64Text(data) : '';
    if (holdsCertificate(text)) return { issuerAuthority: text };
    report(`${field}-data`, 'is not base64 of a PEM certificate');
  } else if (typeof path === 'string' && path !== '') {
    const text = await readPem(files, { path, field, holds: certificate }, report);
    if (text !== undefined) return { issuerAuthority: text };
  }
  return {};
}

interface PemFile {
  readonly path: string;
  readonly field: string;
  readonly holds: PemKind;
}

interface PemKind {
  readonly name: string;
  isIn(text: string): boolean;
}

const certificate: PemKind = { name: 'certificate', isIn: holdsCertificate };
const privateKey: PemKind = { name: 'private key', isIn: holdsKey };

/** The text of the file; undefined when something is wrong with it, which is reported. */
async function readPem(
  files: Files,
  { path, field, holds }: PemFile,
  report: Report,
): Promise<string | undefined> {
  let bytes: Uint8Array | undefined;
  try {
    bytes = await files.read(path);
  } catch (error) {
    report(field, `unable to read ${path}: ${messageOf(error)}`);
    return undefined;
  }
  if (bytes === undefined) {
    report(field, `unable to read ${path}: no such file`);
    return undefined;
  }
  const text = new TextDecoder().decode(bytes);
  if (holds.isIn(text)) return text;
  report(field, `${path} holds no PEM ${holds.name}`);
  return undefined;
}

async function problemOfToken(files: Files, path: string): Promise<string | undefined> {
  try {
    await readToken(files, path);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}
