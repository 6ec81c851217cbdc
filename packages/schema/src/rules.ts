/**
 * Rules of custom resources. Apart from the rest of the package, because they bring an expression
 * language with them, which is loaded with the first definition that has some.
 */
export { type RuleNode, compileRules } from './rules/rule-tree.ts';
export { validateObject } from './rules/validate-object.ts';
export { validateRuleDefinitions } from './rules/validate-rule-definitions.ts';
