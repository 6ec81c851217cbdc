import { addClusterFlags } from '../connection/cluster-flags.ts';
import { addLabelFlag } from '../selection/selection-flags.ts';
import type { Register } from './registration.ts';

/** Registers `logs`. */
export const registerLogs: Register = (logs, { context, withGlobals }) => {
  addLabelFlag(logs)
    .usage('POD | TYPE/NAME [CONTAINER] | -l SELECTOR [flags]')
    .argument('[pod]', 'as in: web, deploy/web, job/once, svc/web')
    .argument('[container]')
    .option('-c, --container <name>', 'the container; its default or first one unless told')
    .option('--all-containers', 'every container of the pod')
    .option('--all-pods', 'every pod of the object, with --prefix')
    .option('-f, --follow', 'go on with what will be written')
    .option('-p, --previous', 'of the container before its last restart')
    .option('--tail <lines>', 'so many lines from the end; -1 is all (default: 10 with -l)')
    .option('--since <time>', 'what is newer than 5s, 2m or 3h')
    .option('--since-time <time>', 'what is newer than a time of RFC 3339')
    .option('--timestamps', 'the time before each line')
    .option('--limit-bytes <bytes>', 'at most so many bytes of each log')
    .option(
      '--prefix [boolean]',
      'pod and container before each line (default: with several logs on a terminal)',
    )
    .option('--max-log-requests <count>', 'how many logs may be followed at once', '5')
    .option('--ignore-errors', 'tell what is wrong with one log, and go on with the others')
    .option('--pod-running-timeout <time>', 'how long to wait for a first pod', '20s')
    .option('--insecure-skip-tls-verify-backend', 'let the API server trust any kubelet');
  addClusterFlags(logs).action(
    async (pod: string | undefined, container: string | undefined, flags) => {
      const words = [pod, container].filter((word) => word !== undefined);
      await (await import('../commands/logs.ts')).logs(context, words, withGlobals(flags));
    },
  );
};
