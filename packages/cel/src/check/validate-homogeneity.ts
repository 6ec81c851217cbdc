import { type Expression, partsOf } from '../expression.ts';
import type { Issue } from '../issue.ts';
import { type Type, dynType, isSameType, withoutOptional } from '../type.ts';
import type { Checked } from './checking.ts';

/**
 * Finds lists and maps within an expression whose elements, keys or values are not of one type; only
 * `format` may be given such a list. Source: cel-go, cel/validator.go.
 */
export function validateHomogeneity(expression: Expression, { types }: Checked): readonly Issue[] {
  const issues: Issue[] = [];
  const typeOf = (part: Expression, isOptional: boolean): Type => {
    const type = types.get(part) ?? dynType;
    return isOptional ? withoutOptional(type).type : type;
  };
  const compare = (parts: readonly (readonly [Expression, Type])[]): void => {
    const [first, ...others] = parts;
    const other = others.find(([, type]) => first !== undefined && !isSameType(first[1], type));
    if (first === undefined || other === undefined) return;
    const message = `expected type '${first[1]}' but found '${other[1]}'`;
    issues.push({ offset: other[0].offset, message });
  };
  const visit = (part: Expression): void => {
    if (part.kind === 'call' && part.name === 'format') {
      if (part.target !== undefined) visit(part.target);
      return;
    }
    if (part.kind === 'list') {
      compare(part.elements.map((each, at) => [each, typeOf(each, part.optionals.has(at))]));
    } else if (part.kind === 'map') {
      compare(part.entries.map(({ key }) => [key, typeOf(key, false)]));
      compare(part.entries.map(({ value, isOptional }) => [value, typeOf(value, isOptional)]));
    }
    for (const each of partsOf(part)) visit(each);
  };
  visit(expression);
  return issues;
}
