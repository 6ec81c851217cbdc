/** A source of random numbers from 0 to less than 1. */
interface Fractions {
  fraction(): number;
}

const suffixLength = 5;
const prefixLengthMax = 58;
/** No vowels and nothing that looks like a vowel, so that no word comes about. */
const alphabet = 'bcdfghjklmnpqrstvwxz2456789';

/** A name from `generateName`: the prefix and five characters that make a clash unlikely. */
export function generateName(prefix: string, random: Fractions): string {
  return prefix.slice(0, prefixLengthMax) + nameSuffix(random);
}

/** Five characters for names that the server makes up. Source: apiserver, storage/names. */
export function nameSuffix(random: Fractions): string {
  let suffix = '';
  for (let at = 0; at < suffixLength; at++) {
    suffix += alphabet[Math.floor(random.fraction() * alphabet.length)];
  }
  return suffix;
}
