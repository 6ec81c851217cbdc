import type { Command } from 'commander';
import { addClusterFlags } from '../connection/cluster-flags.ts';
import type { CertificateDecision } from '../commands/certificate.ts';
import { addFileFlags, addLabelFlag, addSelectorFlags } from '../selection/selection-flags.ts';
import { addDryRunFlag, addOutcomeFlags, addWriteFlags } from '../writes/write-flags.ts';
import type { Register, Registration } from './registration.ts';

/** Registers `cordon`. */
export const registerCordon: Register = (command, registration) =>
  registerCordoning(command, registration, 'cordon');

/** Registers `uncordon`. */
export const registerUncordon: Register = (command, registration) =>
  registerCordoning(command, registration, 'uncordon');

function registerCordoning(
  cordoning: Command,
  { context, withGlobals }: Registration,
  command: 'cordon' | 'uncordon',
): void {
  cordoning.usage('NODE... | -l SELECTOR [flags]').argument('[nodes...]', 'as in: node-1 node-2');
  addDryRunFlag(addLabelFlag(cordoning));
  addClusterFlags(cordoning).action(async (words: readonly string[], flags) =>
    (await import('../commands/cordon.ts')).cordon(context, { command, words }, withGlobals(flags)),
  );
}

/** Registers `drain`. */
export const registerDrain: Register = (command, { context, withGlobals }) => {
  command
    .usage('NODE... | -l SELECTOR [flags]')
    .argument('[nodes...]', 'as in: node-1 node-2')
    .option('--ignore-daemonsets [boolean]', 'leave pods of daemon sets where they are')
    .option('--delete-emptydir-data [boolean]', 'also pods whose data in emptyDir is lost then')
    .option('--force [boolean]', 'also pods that nobody will make anew')
    .option('--disable-eviction [boolean]', 'delete them, past all disruption budgets')
    .option('--grace-period <seconds>', 'time for pods to end; -1 leaves it to each', '-1')
    .option('--pod-selector <selector>', 'only pods with these labels')
    .option(
      '--skip-wait-for-delete-timeout <seconds>',
      'do not wait for pods that have been going for longer; 0 waits for all',
      '0',
    )
    .option('--timeout <time>', 'how long all may take: 30s, 5m; 0s has no end', '0s');
  addDryRunFlag(addLabelFlag(command));
  addClusterFlags(command).action(async (words: readonly string[], flags) =>
    (await import('../commands/drain.ts')).drain(context, words, withGlobals(flags)),
  );
};

/** Registers `taint`. */
export const registerTaint: Register = (command, { context, withGlobals }) => {
  command
    .usage('node NAME... | node -l SELECTOR | node --all KEY=VALUE:EFFECT... KEY-... [flags]')
    .argument('[words...]', 'as in: node a b dedicated=web:NoSchedule old-')
    .option('--overwrite [boolean]', 'also where it has another value');
  addWriteFlags(addSelectorFlags(command), 'kubectl-taint');
  addClusterFlags(command).action(async (words: readonly string[], flags) =>
    (await import('../commands/taint.ts')).taint(context, words, withGlobals(flags)),
  );
};

/** Registers `certificate`. */
export const registerCertificate: Register = (certificate, registration) => {
  certificate.helpCommand(false).enablePositionalOptions();
  addClusterFlags(certificate, { isHidden: true });
  const { context } = registration;
  const ways: readonly (readonly [CertificateDecision, string])[] = [
    ['approve', 'have certificates signed that were asked for'],
    ['deny', 'refuse certificates that were asked for'],
  ];
  for (const [decision, description] of ways) {
    const command = certificate
      .command(decision)
      .description(description)
      .usage('NAME... | -f FILE [flags]')
      .argument('[names...]', 'names of CertificateSigningRequests')
      .option('--force [boolean]', 'also where it is decided so already');
    addOutcomeFlags(addFileFlags(command));
    addClusterFlags(command).action(async (names: readonly string[], flags) => {
      const { decideCertificates } = await import('../commands/certificate.ts');
      const globals = registration.withGlobals({ ...certificate.opts(), ...flags });
      await decideCertificates(context, { decision, names }, globals);
    });
  }
};
