import { addClusterFlags } from '../connection/cluster-flags.ts';
import { appendNames } from '../flag-values.ts';
import type { Register } from './registration.ts';

/** Registers `api-resources`. */
export const registerApiResources: Register = (apiResources, { context, withGlobals }) => {
  apiResources
    .option('-o, --output <format>', 'wide or name')
    .option('--no-headers', 'leave out the names of the columns')
    .option('--namespaced [boolean]', 'only what is in namespaces, or, false, what is in none')
    .option('--verbs <verbs>', 'only what allows all of these: list,watch', appendNames)
    .option('--api-group <group>', 'only the resources of this group')
    .option('--categories <categories>', 'only what is in all of these: all', appendNames)
    .option('--sort-by <field>', 'name or kind; by groups without it')
    .option('--cached [boolean]', 'without effect: nothing is kept between two commands');
  addClusterFlags(apiResources).action(async (flags) =>
    (await import('../commands/api-resources.ts')).apiResources(context, withGlobals(flags)),
  );
};

/** Registers `api-versions`. */
export const registerApiVersions: Register = (apiVersions, { context, withGlobals }) => {
  addClusterFlags(apiVersions).action(async (flags) =>
    (await import('../commands/api-versions.ts')).apiVersions(context, withGlobals(flags)),
  );
};

/** Registers `explain`. */
export const registerExplain: Register = (explain, { context, withGlobals }) => {
  explain
    .usage('TYPE[.FIELD...] [flags]')
    .argument('[types...]', 'as in: pods, deploy.spec.strategy')
    .option('--recursive', 'the fields of fields too')
    .option('--api-version <version>', 'in this group and version: apps/v1')
    .option('-o, --output <format>', 'plaintext', 'plaintext');
  addClusterFlags(explain).action(async (types: readonly string[], flags) =>
    (await import('../commands/explain.ts')).explain(context, types, withGlobals(flags)),
  );
};
