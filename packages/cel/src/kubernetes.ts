import { validateHomogeneity } from './check/validate-homogeneity.ts';
import { validateLiterals } from './check/validators.ts';
import { Environment } from './environment.ts';
import { authorizerLibrary } from './libraries/kubernetes/authorizer.ts';
import { cidrLibrary } from './libraries/kubernetes/cidr.ts';
import { formatLibrary } from './libraries/kubernetes/format.ts';
import { ipLibrary } from './libraries/kubernetes/ip.ts';
import { kubernetesListsLibrary } from './libraries/kubernetes/lists.ts';
import { quantityLibrary } from './libraries/kubernetes/quantity.ts';
import { regexLibrary } from './libraries/kubernetes/regex.ts';
import { semverLibrary } from './libraries/kubernetes/semver.ts';
import { urlLibrary } from './libraries/kubernetes/url.ts';
import { KeptPatterns } from './libraries/kept-patterns.ts';
import { listsLibrary } from './libraries/lists.ts';
import { englishNumbers } from './libraries/number-styles.ts';
import { optionalsLibrary } from './libraries/optionals.ts';
import { setsLibrary } from './libraries/sets.ts';
import { standardLibrary } from './libraries/standard.ts';
import { stringsLibrary } from './libraries/strings.ts';
import { twoVariablesLibrary } from './libraries/two-variables.ts';

/**
 * What expressions may use in Kubernetes 1.36, without variables. Source: Kubernetes,
 * cel/environment/base.go.
 */
export function kubernetesEnvironment(): Environment {
  const patterns = new KeptPatterns();
  return new Environment({
    libraries: [
      standardLibrary(patterns),
      stringsLibrary(englishNumbers),
      optionalsLibrary,
      twoVariablesLibrary,
      setsLibrary,
      listsLibrary,
      kubernetesListsLibrary,
      regexLibrary(patterns),
      urlLibrary,
      quantityLibrary,
      ipLibrary,
      cidrLibrary,
      formatLibrary,
      semverLibrary,
      authorizerLibrary,
    ],
    validators: [validateLiterals, validateHomogeneity],
  });
}
