import type { Clock } from '@fairway/host';
import type { APIService } from '@fairway/kinds/apiregistration/v1';
import { apiError } from '@fairway/protocol';
import type { Upstream } from '@fairway/serving';
import type { BackendEndpoint, Dial, ExtensionEndpoint } from '../calls/dial.ts';
import {
  type NamedService,
  type ServiceAddressParts,
  serviceAddresses,
} from '../proxying/service-addresses.ts';

export interface ExtensionParts extends ServiceAddressParts {
  readonly clock: Clock;
  /** Absent: there is no way out. */
  readonly dial?: Dial;
}

/** An address of an extension server, and the way there. */
export interface ExtensionWay {
  readonly endpoint: BackendEndpoint;
  readonly upstream: Upstream;
}

/** The ways to a server, any address first. Errors: an `Error` that says why there is none. */
export async function* waysTo(
  parts: ExtensionParts,
  { spec }: APIService,
): AsyncGenerator<ExtensionWay, undefined> {
  const dial = parts.dial?.extension;
  if (dial === undefined) {
    const message = 'this server has no way to the servers behind APIServices';
    throw apiError('NotImplemented', message, {});
  }
  const service = namedService(spec?.service);
  const { caBundle, insecureSkipTLSVerify } = spec ?? {};
  const trust: Pick<ExtensionEndpoint, 'serverName' | 'certificateAuthority' | 'isInsecure'> = {
    serverName: `${service.name}.${service.namespace}.svc`,
    ...(caBundle && { certificateAuthority: Buffer.from(caBundle, 'base64').toString() }),
    isInsecure: insecureSkipTLSVerify === true,
  };
  for await (const endpoint of serviceAddresses(parts, service)) {
    yield { endpoint, upstream: dial({ ...endpoint, scheme: 'https', ...trust }) };
  }
}

/** With what is said where nothing is. */
export function namedService({
  namespace = '',
  name = '',
  port = 443,
}: Partial<NamedService> = {}): NamedService {
  return { namespace, name, port };
}
