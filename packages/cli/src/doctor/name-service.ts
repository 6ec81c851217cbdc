import { lookup } from 'node:dns/promises';

/** Names to addresses, as an argument. Errors: those of the system, with their `code`. */
export interface NameService {
  addressesOf(name: string): Promise<readonly string[]>;
}

/** As every program of this machine finds them: by its hosts file, then by DNS. */
export const systemNames: NameService = {
  async addressesOf(name) {
    const found = await lookup(name, { all: true, order: 'verbatim' });
    return [...new Set(found.map(({ address }) => address))];
  },
};
