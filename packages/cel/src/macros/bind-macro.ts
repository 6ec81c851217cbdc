import type { Expression } from '../expression.ts';
import { Builder, type Macro, isIssue, variableNames } from './macro.ts';
import { bindVariable } from './optional-macros.ts';

/** `cel.bind(x, value, body)`: a name for a value within one expression. Source: cel-go, ext/bindings.go. */
export const bindMacro: Macro = {
  name: 'bind',
  argumentCount: 3,
  isMember: true,
  expand: ({ target, arguments: [variable, value, body], offset }) => {
    if (target?.kind !== 'identifier' || target.name !== 'cel') return undefined;
    const names = variableNames([variable as Expression]);
    if (isIssue(names)) {
      const message = 'cel.bind() variable names must be simple identifiers';
      return { offset: names.offset, message };
    }
    return bindVariable(new Builder(offset), {
      name: names[0] as string,
      value: value as Expression,
      body: body as Expression,
    });
  },
};
