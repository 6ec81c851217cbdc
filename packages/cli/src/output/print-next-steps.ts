import { relative } from 'node:path';
import { styleText } from 'node:util';
import type { CommandContext } from '../command-context.ts';
import { productVersion } from '../product-version.ts';
import { quotedPath } from '../quoted-path.ts';

export interface RunningClusterFacts {
  readonly url: string;
  /** URLs for users of other machines. */
  readonly others: readonly string[];
  readonly kubeconfig: string;
  /** What becomes of pods. */
  readonly pods?: string;
  readonly dataDirectory: string;
  readonly elapsedMs: number;
  readonly isDetached: boolean;
  readonly isInMemory: boolean;
  /** It pretends nodes, so that pods run. */
  readonly simulatedNodes?: object;
}

/** Says where the cluster is and what to type next. */
export async function printNextSteps(
  { host, output, program }: Pick<CommandContext, 'host' | 'output' | 'program'>,
  facts: RunningClusterFacts,
): Promise<void> {
  const { url, kubeconfig, dataDirectory, elapsedMs, isDetached, isInMemory } = facts;
  const { environment } = host;
  const bold = styled(output.hasColors, 'bold');
  const dim = styled(output.hasColors, 'dim');
  const fairway = program.command;
  const stop = isDetached
    ? `${fairway} down${flagFor(environment.workingDirectory, dataDirectory)}`
    : 'Ctrl-C';
  const kept = isInMemory
    ? 'Objects are in memory only: none is kept when it stops.'
    : `All data is kept in ${dataDirectory}.`;
  const pods = facts.pods === undefined ? '' : `  pods        ${facts.pods}\n`;
  const hint = dim('# simulated: their pods run, without containers');
  const nodes =
    facts.simulatedNodes === undefined ? '' : `  ${bold('kubectl get nodes')}   ${hint}\n`;
  await output.writeStyled(
    `
${bold('Fairway')} ${productVersion}  ${dim(`ready in ${(elapsedMs / 1000).toFixed(2)} s`)}

  server      ${url}
  kubeconfig  ${kubeconfig}
${pods}${forOthers(facts.others, dim)}
Type next${isDetached ? '' : ', in another terminal'}:

  ${bold(`export KUBECONFIG=${quotedPath(kubeconfig)}`)}
  ${bold('kubectl get namespaces')}
${nodes}  ${bold(`${fairway} get namespaces`)}
  ${bold(`${fairway} proxy`)}   ${dim('# then: curl http://127.0.0.1:8001/api/v1/namespaces')}

Stop it with ${bold(stop)}. ${kept}
`.slice(1),
  );
}

function forOthers(urls: readonly string[], dim: (text: string) => string): string {
  if (urls.length === 0) return '';
  const hint = dim('# give others a copy of the kubeconfig with one of these as its server');
  return `\nFrom other machines:   ${hint}\n\n${urls.map((url) => `  ${url}\n`).join('')}`;
}

function flagFor(workingDirectory: string, dataDirectory: string): string {
  const path = relative(workingDirectory, dataDirectory);
  if (path === '.fairway') return '';
  return ` --data-dir ${quotedPath(path.startsWith('..') ? dataDirectory : path)}`;
}

function styled(hasColors: boolean, style: 'bold' | 'dim'): (text: string) => string {
  return (text) => (hasColors ? styleText(style, text, { validateStream: false }) : text);
}
