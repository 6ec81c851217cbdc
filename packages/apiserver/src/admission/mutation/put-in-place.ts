/** The draft stays the one that its maker holds, and becomes `object`. */
export function putInPlace(draft: object, object: object): void {
  for (const field of Object.keys(draft)) {
    if (!Object.hasOwn(object, field)) Reflect.deleteProperty(draft, field);
  }
  for (const [field, value] of Object.entries({ metadata: {}, ...object })) {
    // By its definition, since a field may be called `__proto__`.
    const place = { enumerable: true, writable: true, configurable: true };
    Object.defineProperty(draft, field, { ...place, value: value as unknown });
  }
}
