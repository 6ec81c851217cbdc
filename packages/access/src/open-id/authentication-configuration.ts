import { claimsEnvironment, userEnvironment } from '@fairway/cel';
import { type FieldError, isJsonObject, tooMany, unsupported } from '@fairway/protocol';
import type { AnonymousAccess } from '../authentication/anonymous-access.ts';
import {
  CertificateAuthorities,
  CertificateAuthoritiesError,
} from '../authentication/certificate-authorities.ts';
import { ConfigurationReader, describeProblems } from './configuration-reader.ts';
import type { OpenIdIssuer } from './open-id-authenticator.ts';
import { type RuleEnvironments, readRules } from './read-rules.ts';
import { signingAlgorithms } from './verify-id-token.ts';

/** Who may come in besides those whom the cluster knows by itself. */
export interface AuthenticationConfiguration {
  readonly issuers: readonly OpenIdIssuer[];
  /** Absent: nothing is said of it. */
  readonly anonymous?: AnonymousAccess;
}

/** A configuration that cannot be used; the message names each field and what is wrong with it. */
export class AuthenticationConfigurationError extends Error {
  override readonly name = 'AuthenticationConfigurationError';
}

/** Issuers of one configuration. */
const issuersMax = 64;

const apiVersions = ['v1', 'v1beta1'].map((version) => `apiserver.config.k8s.io/${version}`);

/**
 * Reads an AuthenticationConfiguration, and compiles its expressions. Nothing is fetched.
 *
 * `ownIssuers` are those of service accounts, which must not come from elsewhere.
 *
 * Errors: `AuthenticationConfigurationError`.
 * Source: API reference, apiserver.config.k8s.io/v1 AuthenticationConfiguration; apiserver, apis/apiserver/validation.
 */
export function readAuthenticationConfiguration(
  value: unknown,
  ownIssuers: readonly string[],
): AuthenticationConfiguration {
  if (!isJsonObject(value)) throw new AuthenticationConfigurationError('it must be an object');
  const problems: FieldError[] = [];
  const reader = new ConfigurationReader(value, '', problems);
  const [apiVersion, kind] = [reader.text('apiVersion'), reader.text('kind')];
  if (!apiVersions.includes(apiVersion)) {
    reader.complain(unsupported('apiVersion', apiVersion, apiVersions));
  }
  if (kind !== 'AuthenticationConfiguration') {
    reader.complain(unsupported('kind', kind, ['AuthenticationConfiguration']));
  }
  const environments = { claims: claimsEnvironment(), user: userEnvironment() };
  const issuers = reader.objects('jwt', (jwt) => readIssuer(jwt, environments, ownIssuers));
  if (issuers.length > issuersMax) {
    reader.complain(tooMany('jwt', issuers.length, issuersMax));
  }
  reader.requireUnique(
    'jwt',
    '.issuer.url',
    issuers.map(({ url }) => url),
  );
  reader.requireUnique(
    'jwt',
    '.issuer.discoveryURL',
    issuers.map(({ discoveryUrl = '' }) => discoveryUrl),
  );
  const anonymous = reader.object('anonymous', readAnonymous);
  reader.refuseUnread();
  if (problems.length > 0) throw new AuthenticationConfigurationError(describeProblems(problems));
  return { issuers, ...(anonymous === undefined ? {} : { anonymous }) };
}

function readAnonymous(reader: ConfigurationReader): AnonymousAccess {
  const isEnabled = reader.flag('enabled');
  const paths = reader.objects('conditions', (condition) => {
    const path = condition.text('path');
    condition.require('path', path !== '');
    return path;
  });
  if (!isEnabled && paths.length > 0) {
    reader.refuse('conditions', paths, 'enabled should be set to true when conditions are defined');
  }
  if (!isEnabled) return { kind: 'nowhere' };
  return paths.length === 0 ? { kind: 'everywhere' } : { kind: 'paths', paths: new Set(paths) };
}

function readIssuer(
  reader: ConfigurationReader,
  environments: RuleEnvironments,
  ownIssuers: readonly string[],
): OpenIdIssuer {
  const place = reader.object('issuer', (issuer) => readPlace(issuer, ownIssuers));
  reader.require('issuer', place !== undefined);
  const rules = readRules(reader, environments);
  const { url = '', audiences = [], ...others } = place ?? {};
  return {
    url,
    audiences,
    ...others,
    algorithms: signingAlgorithms,
    rules,
  };
}

function readPlace(reader: ConfigurationReader, ownIssuers: readonly string[]) {
  const url = reader.text('url');
  reader.require('url', url !== '');
  if (url !== '') checkAddress(reader, 'url', url);
  if (ownIssuers.includes(url)) {
    reader.refuse('url', url, 'service accounts of this cluster have this issuer');
  }
  const discoveryUrl = reader.text('discoveryURL');
  if (discoveryUrl !== '') checkAddress(reader, 'discoveryURL', discoveryUrl);
  if (discoveryUrl !== '' && discoveryUrl.replace(/\/+$/, '') === url.replace(/\/+$/, '')) {
    reader.refuse('discoveryURL', discoveryUrl, 'discoveryURL must be different from URL');
  }
  const certificateAuthority = reader.text('certificateAuthority');
  checkAuthority(reader, certificateAuthority);
  return {
    url,
    audiences: readAudiences(reader),
    ...(discoveryUrl === '' ? {} : { discoveryUrl }),
    ...(certificateAuthority === '' ? {} : { certificateAuthority }),
  };
}

function checkAddress(reader: ConfigurationReader, name: string, address: string): void {
  const url = URL.parse(address);
  if (url === null) return reader.refuse(name, address, 'must be an address');
  if (url.protocol !== 'https:') reader.refuse(name, address, 'URL scheme must be https');
  if (url.username !== '' || url.password !== '') {
    reader.refuse(name, '<omitted>', 'URL must not contain a username or password');
  }
  if (url.search !== '') reader.refuse(name, address, 'URL must not contain a query');
  if (url.hash !== '') reader.refuse(name, address, 'URL must not contain a fragment');
}

function checkAuthority(reader: ConfigurationReader, pem: string): void {
  if (pem === '') return;
  try {
    void new CertificateAuthorities(pem);
  } catch (error) {
    if (!(error instanceof CertificateAuthoritiesError)) throw error;
    reader.refuse('certificateAuthority', '<omitted>', error.message);
  }
}

function readAudiences(reader: ConfigurationReader): readonly string[] {
  const audiences = reader.texts('audiences');
  const policy = reader.text('audienceMatchPolicy');
  reader.require('audiences', audiences.length > 0, 'at least one audience is required');
  for (const [index, audience] of audiences.entries()) {
    reader.require(`audiences[${index}]`, audience !== '');
  }
  reader.requireUnique('audiences', '', audiences);
  if (audiences.length > 1 && policy !== 'MatchAny') {
    const why = 'audienceMatchPolicy must be MatchAny for multiple audiences';
    reader.refuse('audienceMatchPolicy', policy, why);
  } else if (policy !== '' && policy !== 'MatchAny') {
    const why = 'audienceMatchPolicy must be empty or MatchAny for single audience';
    reader.refuse('audienceMatchPolicy', policy, why);
  }
  return audiences;
}
