import { decodeBase64Text } from './base64-text.ts';
import type { Report } from './check-cluster.ts';
import type { ExecStanza, UserStanza } from './kubeconfig-schema.ts';
import { holdsCertificate, holdsKey } from './pem.ts';

/** Reports what is wrong with a user, the files that it names aside. */
export function checkUser(user: UserStanza, report: Report): void {
  const hasToken = user.token !== undefined && user.token.reveal() !== '';
  const hasBasic = Boolean(user.username) || Boolean(user.password?.reveal());
  if (hasToken && hasBasic) {
    const detail =
      'more than one authentication method found, token and username/password; keep one';
    report('token', detail);
  }
  checkSendable(user, report);
  checkClientCertificate(user, report);
  if (user.exec !== undefined) checkExec(user.exec, user, report);
  if (user['auth-provider'] !== undefined) checkAuthProvider(user, report);
  const asksForMore =
    Boolean(user['as-uid']) ||
    (user['as-groups']?.length ?? 0) > 0 ||
    Object.keys(user['as-user-extra'] ?? {}).length > 0;
  if (asksForMore && !user.as) {
    report('as', 'uid, groups or user-extra are requested without impersonating a user');
  }
}

/** What becomes a header must fit into one line. */
function checkSendable(user: UserStanza, report: Report): void {
  const values: [string, string | undefined][] = [
    ['token', user.token?.reveal().trim()],
    ['username', user.username],
    ['as', user.as],
    ['as-uid', user['as-uid']],
    ...(user['as-groups'] ?? []).map((each): [string, string] => ['as-groups', each]),
    ...Object.entries(user['as-user-extra'] ?? {}).flatMap(([key, each = []]) =>
      each.map((value): [string, string] => [`as-user-extra[${JSON.stringify(key)}]`, value]),
    ),
  ];
  for (const [field, value = ''] of values) {
    if (/[\0-\x08\x0a-\x1f\x7f]/.test(value)) {
      report(field, 'holds characters that cannot be sent, such as a line break');
    }
  }
}

function checkClientCertificate(user: UserStanza, report: Report): void {
  const certificateData = user['client-certificate-data'];
  const keyData = user['client-key-data']?.reveal();
  const hasCertificate = Boolean(certificateData || user['client-certificate']);
  if (certificateData && user['client-certificate']) {
    const detail = 'client-certificate-data and client-certificate are both specified; keep one';
    report('client-certificate-data', detail);
  }
  if (keyData && user['client-key']) {
    report('client-key-data', 'client-key-data and client-key are both specified; keep one');
  }
  if (hasCertificate && !keyData && !user['client-key']) {
    const detail = 'client-key-data or client-key must be specified to use the client certificate';
    report('client-key', detail);
  }
  if (certificateData && !holdsCertificate(decodeBase64Text(certificateData))) {
    report('client-certificate-data', 'holds no PEM certificate');
  }
  if (keyData && !holdsKey(decodeBase64Text(keyData))) {
    report('client-key-data', 'holds no PEM private key');
  }
}

function checkExec(exec: ExecStanza, user: UserStanza, report: Report): void {
  if (user['auth-provider'] !== undefined) {
    report('exec', 'cannot be combined with auth-provider; keep one');
  }
  if (!exec.command) report('exec.command', 'must be specified');
  if (!exec.apiVersion) report('exec.apiVersion', 'must be specified');
  else if (!execApiVersions.includes(exec.apiVersion)) {
    const detail = `invalid apiVersion ${JSON.stringify(exec.apiVersion)}; use ${execApiVersions.join(' or ')}`;
    report('exec.apiVersion', detail);
  }
  exec.env?.forEach(({ name }, index) => {
    if (!name) report(`exec.env[${index}].name`, 'must be specified');
  });
  const mode = exec.interactiveMode;
  if (!mode && exec.apiVersion === execApiVersions[0]) {
    report('exec.interactiveMode', 'must be Never, IfAvailable or Always');
  } else if (mode && !['Never', 'IfAvailable', 'Always'].includes(mode)) {
    const detail = `${JSON.stringify(mode)} must be Never, IfAvailable or Always`;
    report('exec.interactiveMode', detail);
  }
}

/** Versions of the exec protocol that are spoken. */
export const execApiVersions: readonly string[] = [
  'client.authentication.k8s.io/v1',
  'client.authentication.k8s.io/v1beta1',
];

function checkAuthProvider(user: UserStanza, report: Report): void {
  const { name = '', config = {} } = user['auth-provider'] ?? {};
  if (name === 'gcp' || name === 'azure') {
    const plugin = name === 'gcp' ? 'gke-gcloud-auth-plugin' : 'kubelogin';
    report('auth-provider.name', `${name} has been removed; use the exec plugin ${plugin}`);
  } else if (name !== 'oidc') {
    report('auth-provider.name', `no auth-provider ${JSON.stringify(name)}; only oidc exists`);
  } else {
    for (const key of ['idp-issuer-url', 'client-id']) {
      if (!config[key]) report(`auth-provider.config.${key}`, 'must be specified');
    }
    const issuer = config['idp-issuer-url'];
    const isHttps = typeof issuer === 'string' && URL.parse(issuer)?.protocol === 'https:';
    if (issuer && !isHttps) report('auth-provider.config.idp-issuer-url', 'must be an https URL');
  }
}
