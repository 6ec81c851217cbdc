import { firstServiceAddress } from '@fairway/apiserver';
import type { Host } from '@fairway/host';
import type { Store } from '@fairway/store';
import { type ServedApi, type ServedApiParts, serveApi } from '../cluster/serve-api.ts';
import { serverNames } from '../cluster/server-names.ts';
import { withListenRemedy } from '../listen-remedy.ts';
import {
  type ServingCertificate,
  readServingCertificate,
} from '../server-flags/serving-certificate.ts';
import type { KubeApiserverFlags } from '../cluster/kube-apiserver-flags.ts';
import { type KubeApiserverOptions, kubeApiserverOptions } from './kube-apiserver-options.ts';

/**
 * Serves the API by the flags of a kube-apiserver over a store that is being opened.
 *
 * Errors: `CommandError` for flags and files that cannot be used, `ListenError`; those of the store.
 */
export async function serveKubeApiserver(
  host: Host,
  flags: KubeApiserverFlags,
  {
    opening,
    ...parts
  }: Pick<ServedApiParts, 'ownKeyFile' | 'encryption'> & {
    readonly opening: Promise<Store>;
  },
): Promise<ServedApi> {
  const { workingDirectory } = host.environment;
  const { warnings, ...options } = await kubeApiserverOptions(flags, workingDirectory);
  for (const each of warnings) host.logger.warn(each);
  const { certificate } = await servingCertificate(host, options);
  try {
    return await serveApi(host, options, { store: await opening, certificate, ...parts });
  } catch (error) {
    throw withListenRemedy(error, '--secure-port with another number');
  }
}

/** Made where there is none, as a kube-apiserver does; of an authority whose key nobody keeps. */
function servingCertificate(
  host: Host,
  { servingFiles, serviceClusterIpRange, listen }: KubeApiserverOptions,
): Promise<ServingCertificate> {
  return readServingCertificate(host, servingFiles, async () => {
    const { issueCertificate, makeCertificateAuthority } = await import('@fairway/certificates');
    const serviceAddress = firstServiceAddress(serviceClusterIpRange);
    const names = serverNames(host.environment, { listen, extraNames: [], serviceAddress });
    const [commonName = 'kubernetes'] = names;
    const subject = { commonName, organizations: [] };
    const authority = await makeCertificateAuthority({
      ...host,
      subject: { commonName: `${commonName}-ca`, organizations: [] },
    });
    const certificate = await issueCertificate(
      authority,
      { kind: 'server', names },
      { ...host, subject },
    );
    return { certificate, trusted: authority.certificate };
  });
}
