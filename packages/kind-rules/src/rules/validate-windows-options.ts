import { checkDnsSubdomain, type Draft, invalidValue } from '@fairway/protocol';
import type { PodSpec, WindowsSecurityContextOptions } from '@fairway/kinds/core/v1';

import type { FieldErrors } from '../field-checks.ts';

const credentialKibMax = 64;
const domainLengthMax = 256;
const userLengthMax = 104;

const netBiosPattern = /^[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}$/;
const dnsLabel = '[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?';
const dnsPattern = new RegExp(`^${dnsLabel}(?:\\.${dnsLabel})*$`);
const forbiddenInUser = '"/\\:;|=,+*?<>@[]';

/**
 * What is wrong with the identity that Windows gives a container.
 * Source: core validation, validateWindowsSecurityContextOptions; KEP-689, KEP-1043.
 */
export function validateWindowsOptions(
  options: Draft<WindowsSecurityContextOptions> | undefined,
  field: string,
  errors: FieldErrors,
): void {
  if (!options) return;
  const { gmsaCredentialSpecName: name, gmsaCredentialSpec: spec, runAsUserName: user } = options;
  const wrong = name === undefined ? undefined : checkDnsSubdomain(name);
  if (wrong !== undefined)
    errors.push(invalidValue(`${field}.gmsaCredentialSpecName`, name, wrong));
  if (spec === '') {
    const text = 'gmsaCredentialSpec cannot be an empty string';
    errors.push(invalidValue(`${field}.gmsaCredentialSpec`, spec, text));
  } else if (spec !== undefined && Buffer.byteLength(spec) > credentialKibMax * 1024) {
    const text = `gmsaCredentialSpec size must be under ${credentialKibMax} KiB`;
    errors.push(invalidValue(`${field}.gmsaCredentialSpec`, spec, text));
  }
  if (user === undefined) return;
  for (const text of userProblems(user)) {
    errors.push(invalidValue(`${field}.runAsUserName`, user, text));
  }
}

/** `USER` or `DOMAIN\USER`. */
function userProblems(name: string): readonly string[] {
  if (name === '') return ['runAsUserName cannot be an empty string'];
  if (hasControlCharacter(name)) return ['runAsUserName cannot contain control characters'];
  const parts = name.split('\\');
  if (parts.length > 2) return ['runAsUserName cannot contain more than one backslash'];
  const domain = parts.length === 2 ? parts[0] : undefined;
  return [...domainProblems(domain), ...plainUserProblems(parts.at(-1) ?? '')];
}

function domainProblems(domain: string | undefined): readonly string[] {
  if (domain === undefined) return [];
  return [
    ...(Buffer.byteLength(domain) >= domainLengthMax
      ? [`runAsUserName's Domain length must be under ${domainLengthMax} characters`]
      : []),
    ...(netBiosPattern.test(domain) || dnsPattern.test(domain)
      ? []
      : ["runAsUserName's Domain doesn't match the NetBios nor the DNS format"]),
  ];
}

function plainUserProblems(user: string): readonly string[] {
  return [
    ...(user === '' ? ["runAsUserName's User cannot be empty"] : []),
    ...(Buffer.byteLength(user) > userLengthMax
      ? [`runAsUserName's User length must not be longer than ${userLengthMax} characters`]
      : []),
    ...(/^[. ]+$/.test(user) ? ["runAsUserName's User cannot contain only periods or spaces"] : []),
    ...([...forbiddenInUser].some((sign) => user.includes(sign))
      ? [`runAsUserName's User cannot contain the following characters: ${forbiddenInUser}`]
      : []),
  ];
}

function hasControlCharacter(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code < 0x20 || code === 0x7f) return true;
  }
  return false;
}

/**
 * Containers that run as processes of the host do so together, and on its network.
 * Source: core validation, validateWindowsHostProcessPod; KEP-1981.
 */
export function validateHostProcess(
  spec: Draft<PodSpec>,
  field: string,
  errors: FieldErrors,
): void {
  const ofPod = spec.securityContext?.windowsOptions?.hostProcess;
  let count = 0;
  let hosted = 0;
  for (const list of ['initContainers', 'containers', 'ephemeralContainers'] as const) {
    for (const [index, { securityContext }] of (spec[list] ?? []).entries()) {
      const own = securityContext?.windowsOptions?.hostProcess;
      count += 1;
      if (own ?? ofPod ?? false) hosted += 1;
      if (ofPod === undefined || own === undefined || ofPod === own) continue;
      const path = `${field}.${list}[${index}].securityContext.windowsOptions.hostProcess`;
      const text = `pod hostProcess value must be identical if both are specified, was ${ofPod}`;
      errors.push(invalidValue(path, own, text));
    }
  }
  if (hosted === 0) return;
  if (hosted !== count) {
    const text =
      'If pod contains any hostProcess containers then all containers must be HostProcess containers';
    errors.push(invalidValue(field, '', text));
  }
  if (spec.hostNetwork) return;
  const text = 'hostNetwork must be true if pod contains any hostProcess containers';
  errors.push(invalidValue(`${field}.hostNetwork`, false, text));
}
