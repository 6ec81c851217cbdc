import { validateHomogeneity } from './check/validate-homogeneity.ts';
import { validateLiterals } from './check/validators.ts';
import { Environment } from './environment.ts';
import { cidrLibrary } from './libraries/kubernetes/cidr.ts';
import { formatLibrary } from './libraries/kubernetes/format.ts';
import { ipLibrary } from './libraries/kubernetes/ip.ts';
import { kubernetesListsLibrary } from './libraries/kubernetes/lists.ts';
import { quantityLibrary } from './libraries/kubernetes/quantity.ts';
import { regexLibrary } from './libraries/kubernetes/regex.ts';
import { semverLibrary } from './libraries/kubernetes/semver.ts';
import { urlLibrary } from './libraries/kubernetes/url.ts';
import { listsLibrary } from './libraries/lists.ts';
import { optionalsLibrary } from './libraries/optionals.ts';
import { setsLibrary } from './libraries/sets.ts';
import { standardLibrary } from './libraries/standard.ts';
import { stringsLibrary } from './libraries/strings.ts';
import { twoVariablesLibrary } from './libraries/two-variables.ts';
import { type CompileRegularExpression, keepCompiled } from './regular-expressions.ts';

/**
 * What expressions may use in Kubernetes 1.36, without variables. Regular expressions are given, so that
 * whoever runs the expressions bounds them. Source: Kubernetes, cel/environment/base.go.
 */
export function kubernetesEnvironment(compilePattern: CompileRegularExpression): Environment {
  const compile = keepCompiled(compilePattern);
  return new Environment({
    libraries: [
      standardLibrary(compile),
      stringsLibrary,
      optionalsLibrary,
      twoVariablesLibrary,
      setsLibrary,
      listsLibrary,
      kubernetesListsLibrary,
      regexLibrary(compile),
      urlLibrary,
      quantityLibrary,
      ipLibrary,
      cidrLibrary,
      formatLibrary,
      semverLibrary,
    ],
    validators: [validateLiterals(compile), validateHomogeneity],
  });
}
