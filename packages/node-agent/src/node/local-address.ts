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
