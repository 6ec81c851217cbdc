import { type Environment, type Processes, withToolPath } from '@fairway/host';
import type { PodRoutes } from './wanted-routes.ts';

/** The kernel did not take a route. */
export class RouteError extends Error {
  override readonly name = 'RouteError';
}

/** Routes of this machine that were made here, among all others. */
export interface IpRoutes {
  /** Those that lead into a network. Errors: `RouteError`. */
  list(within: string): Promise<PodRoutes>;
  /** Errors: `RouteError`, where no neighbour has the address. */
  put(network: string, gateway: string): Promise<void>;
  remove(network: string): Promise<void>;
}

/** By which routes are told from those of others. Source: rtnetlink(7), `rtm_protocol`. */
const protocol = '174';

/** Over the program `ip` of this machine. */
export function ipRoutesOf({
  processes,
  environment,
}: {
  readonly processes: Processes;
  readonly environment: Environment;
}): IpRoutes {
  const ip = async (...words: readonly string[]): Promise<string> => {
    const { exitCode, output } = await processes.run({
      file: 'ip',
      arguments: ['-4', 'route', ...words],
      environment: withToolPath(environment.variables),
      input: 'none',
      errors: 'in-output',
      outputBytesMax: 1024 * 1024,
      timeoutMs: 10_000,
    });
    const text = Buffer.from(output).toString().trim();
    if (exitCode === 0) return text;
    throw new RouteError(`ip route ${words.join(' ')} failed (code ${exitCode}): ${text}`);
  };
  return {
    async list(within) {
      const lines = (await ip('show', 'root', within, 'proto', protocol)).split('\n');
      const found = lines.map((line) => /^(\S+) via (\S+)/.exec(line));
      return new Map(found.flatMap((match) => (match === null ? [] : [pairOf(match)])));
    },
    put: async (network, gateway) =>
      void (await ip('replace', network, 'via', gateway, 'proto', protocol)),
    async remove(network) {
      try {
        await ip('del', network, 'proto', protocol);
      } catch (error) {
        if (!isGone(error)) throw error;
      }
    },
  };
}

/** Somebody else was faster. */
function isGone(error: unknown): boolean {
  return error instanceof RouteError && error.message.includes('No such process');
}

/** `ip` writes the network of one address without its length. */
function pairOf([, network = '', gateway = '']: RegExpExecArray): [string, string] {
  return [network.includes('/') ? network : `${network}/32`, gateway];
}
