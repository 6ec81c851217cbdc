import type { Shown } from '@fairway/kind-rules/shown';
import { ConfigMap, Secret, ServiceAccount } from '@fairway/kinds/core/v1';
import { describerOf } from '../describer.ts';
import { type Lines, field, lines } from '../lines.ts';
import { headLines } from '../metadata-lines.ts';

/** Describes a config map, with its data. */
export const configMap = describerOf<ConfigMap>({
  resource: ConfigMap,
  describe: (map) => {
    const { data = {}, binaryData = {} } = map;
    return lines(
      headLines(map),
      ['', 'Data', '===='],
      sortedKeys(data).flatMap((key) => [`${key}:`, '----', data[key] ?? '', '']),
      ['', 'BinaryData', '===='],
      sortedKeys(binaryData).map((key) => `${key}: ${byteCount(binaryData[key])} bytes`),
      '',
    );
  },
});

/** Describes a secret: how long its values are. Only tokens of service accounts are told, which are asked for so. */
export const secret = describerOf<Secret>({
  resource: Secret,
  events: 'none',
  describe: (held) => {
    const { data = {}, type = '' } = held;
    const isShown = (key: string): boolean =>
      key === 'token' && type === 'kubernetes.io/service-account-token';
    return lines(
      headLines(held),
      ['', field('Type', type), '', 'Data', '===='],
      sortedKeys(data).map((key) =>
        field(
          key,
          isShown(key)
            ? Buffer.from(data[key] ?? '', 'base64').toString()
            : `${byteCount(data[key])} bytes`,
        ),
      ),
    );
  },
});

/** Describes a service account. */
export const serviceAccount = describerOf<ServiceAccount>({
  resource: ServiceAccount,
  describe: (account) => [...headLines(account), ...pullSecretLines(account)],
});

function pullSecretLines({ imagePullSecrets = [] }: Shown<ServiceAccount>): Lines {
  const label = 'Image pull secrets:';
  const [first = '<none>', ...more] = imagePullSecrets.map(({ name = '' }) => name);
  return [`${label}\t${first}`, ...more.map((name) => `${' '.repeat(label.length)}\t${name}`)];
}

function sortedKeys(map: object): readonly string[] {
  return Object.keys(map).sort();
}

function byteCount(base64 = ''): number {
  return Buffer.from(base64, 'base64').length;
}
