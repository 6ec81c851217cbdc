/**
 * What a user types to run this command once more, by the variables that a package runner sets:
 * where one started us, the name alone is not on the PATH.
 */
export function commandSpelling(variables: Readonly<Record<string, string | undefined>>): string {
  const { npm_config_user_agent: runner = '', npm_command: npmCommand } = variables;
  for (const [name, spelling] of spellings) if (runner.startsWith(`${name}/`)) return spelling;
  return npmCommand === undefined ? 'fairway' : 'npx fairway';
}

const spellings = [
  ['npm', 'npx fairway'],
  ['pnpm', 'pnpm exec fairway'],
  ['yarn', 'yarn fairway'],
  ['bun', 'bunx fairway'],
] as const;

/**
 * The text with every command of ours in it as this user has to type it. Messages, also those of
 * packages that know nothing of commands, write them in backquotes and by the plain name.
 */
export function spellCommands(text: string, command: string): string {
  return text.replaceAll('`fairway ', `\`${command} `);
}
