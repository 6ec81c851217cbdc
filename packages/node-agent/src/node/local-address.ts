import { type Environment, type Processes, withToolPath } from '@fairway/host';

/** A program of the machine did not do as it was asked. */
export class LocalAddressError extends Error {
  override readonly name = 'LocalAddressError';
}

/** By which addresses that were put there are told from those of the machine. */
const label = 'lo:fairway';

/**
 * Gives this machine an address that nobody else reaches: on its loopback interface, until it is disposed of.
 * One that the machine has already stays, unless a program that was killed before it could take it away has put it
 * there by this function.
 *
 * Errors: `LocalAddressError`.
 */
export async function holdLocalAddress(
  host: { readonly processes: Processes; readonly environment: Environment },
  address: string,
): Promise<AsyncDisposable> {
  const place = `${address}/32`;
  const known = await ip(host, ['-o', 'addr', 'show', 'dev', 'lo', 'to', place]);
  const isThere = known.text.includes(place);
  if (isThere && !known.text.includes(` ${label}`)) return { async [Symbol.asyncDispose]() {} };
  if (!isThere) {
    const added = await ip(host, ['addr', 'add', place, 'dev', 'lo', 'label', label]);
    if (added.exitCode !== 0) {
      throw new LocalAddressError(`cannot give this machine the address ${address}: ${added.text}`);
    }
  }
  return {
    // Somebody may have taken it away already.
    [Symbol.asyncDispose]: async () => void (await ip(host, ['addr', 'del', place, 'dev', 'lo'])),
  };
}

/** By which routes that were put there are told from others; the number means nothing to anybody else. */
const routeProtocol = '121';

/**
 * Gives this machine all addresses of a network, for packets that its rules lead on: until it is disposed of. It
 * answers for them in networks that it is in, when somebody asks there who has one. The caller sees to it that
 * nobody else of the machine has the network.
 *
 * Errors: `LocalAddressError`.
 */
export async function holdLocalNetwork(
  host: { readonly processes: Processes; readonly environment: Environment },
  cidr: string,
): Promise<AsyncDisposable> {
  const route = ['local', cidr, 'dev', 'lo', 'proto', routeProtocol];
  // Of a program that was killed, it may still be there.
  const { exitCode, text } = await ip(host, ['route', 'replace', ...route]);
  if (exitCode !== 0) {
    throw new LocalAddressError(`cannot give this machine the network ${cidr}: ${text}`);
  }
  return { [Symbol.asyncDispose]: async () => void (await ip(host, ['route', 'del', ...route])) };
}

async function ip(
  { processes, environment }: { readonly processes: Processes; readonly environment: Environment },
  args: readonly string[],
): Promise<{ readonly exitCode: number; readonly text: string }> {
  const { exitCode, output } = await processes.run({
    file: 'ip',
    arguments: args,
    environment: withToolPath(environment.variables),
    input: 'none',
    errors: 'in-output',
    outputBytesMax: 64 * 1024,
    timeoutMs: 10_000,
  });
  return { exitCode, text: Buffer.from(output).toString().trim() };
}
