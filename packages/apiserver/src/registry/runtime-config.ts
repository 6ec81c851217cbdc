import { builtInDiscovery } from '@fairway/kinds/discovery';
import { parseTruthValue } from '@fairway/protocol';

/** Which of the built-in resources a server serves. */
export type ServedApis = (resource: {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
}) => boolean;

/** Classes of versions, the wider ones first: what is said of a narrower one counts more. */
const classes: readonly (readonly [key: string, versions: RegExp])[] = [
  ['api/all', /^v\d/],
  ['api/ga', /^v\d+$/],
  ['api/beta', /^v\d+beta\d+$/],
  ['api/alpha', /^v\d+alpha\d+$/],
];

/** Groups of Kubernetes 1.36 that have no version which is served by default, and none here. */
const unservedGroups = ['internal.apiserver.k8s.io', 'storagemigration.k8s.io'];

/**
 * Reads the entries of `--runtime-config`: `apps/v1=false`, `batch/v1/cronjobs=false`, `api/all=true`. A key
 * without a value is true; of several for one key the last counts.
 *
 * Errors: `RangeError` for a group or resource that does not exist, a version that is switched on and not
 * built here, a value that is no truth value, and when the core API or everything is switched off.
 * Source: kube-apiserver, resourceconfig.
 */
export function readRuntimeConfig(entries: readonly string[]): ServedApis {
  const wishes = new Map(entries.filter((entry) => entry !== '').map(readEntry));
  for (const [key, isOn] of wishes) checkKey(key, isOn);
  if (wishes.size === 1 && wishes.get('api/all') === false) {
    throw new RangeError('api/all=false alone would leave nothing; say what stays, as in v1=true');
  }
  const isServed: ServedApis = ({ group, version, plural }) => {
    const name = group === '' ? version : `${group}/${version}`;
    const broad = classes.filter(([, versions]) => versions.test(version)).map(([key]) => key);
    // The narrowest that was said.
    for (const key of [`${name}/${plural}`, name, ...broad.reverse()]) {
      const wish = wishes.get(key);
      if (wish !== undefined) return wish;
    }
    return true;
  };
  if (isServed({ group: '', version: 'v1', plural: 'namespaces' })) return isServed;
  throw new RangeError('no cluster works without the core API; add v1=true');
}

function readEntry(entry: string): readonly [key: string, isOn: boolean] {
  const at = entry.indexOf('=');
  const key = at === -1 ? entry : entry.slice(0, at);
  // The core API has two names.
  const name = key.replace(/^api\/v1(?=\/|$)/, 'v1');
  const value = at === -1 ? '' : entry.slice(at + 1);
  const isOn = value === '' ? true : parseTruthValue(value);
  if (isOn !== undefined) return [name, isOn];
  throw new RangeError(`${JSON.stringify(value)} of ${key} is neither true nor false`);
}

function checkKey(key: string, isOn: boolean): void {
  if (classes.some(([name]) => name === key)) return;
  const [first = '', ...others] = key.split('/');
  const isCore = /^v\d/.test(first);
  const [group, version = '', plural, ...more] = isCore
    ? ['', first, ...others]
    : [first, ...others];
  const known = builtInDiscovery().find((each) => each.group === group);
  if (known === undefined || more.length > 0 || !/^v\d+((alpha|beta)\d+)?$/.test(version)) {
    if (!isOn && unservedGroups.includes(group ?? '')) return;
    const known = unservedGroups.includes(group ?? '') ? 'not built in Fairway' : unknownKey;
    throw new RangeError(`${JSON.stringify(key)} is ${known}`);
  }
  const found = known.versions.find((each) => each.version === version);
  if (found === undefined) {
    if (!isOn) return;
    const has = known.versions.map((each) => each.version).join(' and ');
    throw new RangeError(
      `${key} is not built in Fairway, which has ${has} of ${group || 'the core API'}`,
    );
  }
  if (plural === undefined || found.resources.some((each) => each.plural === plural)) return;
  throw new RangeError(`${JSON.stringify(key)} is ${unknownKey}`);
}

const unknownKey =
  'no API of Kubernetes 1.36: write group/version or group/version/resource, as apps/v1';
