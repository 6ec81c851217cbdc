/**
 * Headers to be filled in, of a message whose sender chooses the names: `constructor` and `__proto__`
 * are names as any other. Those made with `Object.create(null)` take ten times as long to copy.
 */
export function emptyHeaders(): Record<string, string | readonly string[]> {
  return new Bare() as Record<string, string | readonly string[]>;
}

const Bare = function () {} as unknown as new () => object;
Bare.prototype = Object.create(null) as object;
