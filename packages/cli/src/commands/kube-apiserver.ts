import { flushCompileCache } from 'node:module';
import { firstServiceAddress, stampResourceVersion } from '@fairway/apiserver';
import { DisposalStack, type Host } from '@fairway/host';
import { openSqliteStore } from '@fairway/store';
import { serveApi } from '../cluster/serve-api.ts';
import type { CommandContext } from '../command-context.ts';
import { findStore } from '../envtest/find-store.ts';
import {
  type KubeApiserverFlags,
  type KubeApiserverOptions,
  readKubeApiserverFlags,
} from '../envtest/kube-apiserver-flags.ts';
import { withListenRemedy } from '../listen-remedy.ts';
import { lineLogger } from '../output/line-logger.ts';
import {
  type ServingCertificate,
  readServingCertificate,
} from '../server-flags/serving-certificate.ts';
import { untilAborted } from '../until-aborted.ts';

/** How long requests may go on after somebody asked for an end. */
const graceMs = 2_000;

/** Stands in for the kube-apiserver of a test environment until it is stopped: the API, and no controllers. */
export async function kubeApiserver(
  context: CommandContext,
  flags: KubeApiserverFlags,
): Promise<void> {
  const { output, signal } = context;
  const host: Host = { ...context.host, logger: lineLogger(output, context.host.clock) };
  const { warnings, ...options } = await readKubeApiserverFlags(
    flags,
    host.environment.workingDirectory,
  );
  for (const each of warnings) host.logger.warn(each);
  await using running = new DisposalStack();
  const place = await findStore(options.etcdServer);
  const serving = await servingCertificate(host, options);
  const shared = { stamp: stampResourceVersion, clock: host.clock };
  const store = await openSqliteStore({ ...shared, ...place });
  running.defer(() => store.close());
  const api = running.use(
    await serve(host, options, {
      store,
      certificate: serving.certificate,
      ownKeyFile: `${place.directory}/service-account.key`,
    }),
  );
  await output.writeError(`Serving securely on ${api.listener.url}\n`);
  // A test environment may end it by force, and Node.js would lose what it has compiled.
  flushCompileCache();
  await untilAborted(signal);
  await api.stop({ graceMs });
}

async function serve(
  host: Host,
  options: KubeApiserverOptions,
  parts: Parameters<typeof serveApi>[2],
): ReturnType<typeof serveApi> {
  try {
    return await serveApi(host, options, parts);
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
    const [{ issueCertificate, makeCertificateAuthority }, { serverNames }] = await Promise.all([
      import('@fairway/certificates'),
      import('../cluster/server-names.ts'),
    ]);
    const serviceAddress = firstServiceAddress(serviceClusterIpRange);
    const names = serverNames(host.environment, { listen, extraNames: [], serviceAddress });
    const terms = { ...host, validityMs: 365 * 24 * 3_600_000 };
    const [commonName = 'kubernetes'] = names;
    const subject = { commonName, organizations: [] };
    const authority = await makeCertificateAuthority({
      ...terms,
      subject: { commonName: `${commonName}-ca`, organizations: [] },
    });
    const certificate = await issueCertificate(
      authority,
      { kind: 'server', names },
      { ...terms, subject },
    );
    return { certificate, trusted: authority.certificate };
  });
}
