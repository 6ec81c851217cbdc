import {
  type FunctionDeclaration,
  type Library,
  declare,
  member,
  overload,
} from '../../declarations.ts';
import { boolType, intType, opaqueType, stringType, typeType } from '../../type.ts';
import { Failure, OpaqueValue, TypeValue, type Value } from '../../values/value.ts';
import { type Address, formatAddress, parseAddress } from './parse-address.ts';

/** An IP address. */
export class IpValue extends OpaqueValue {
  readonly address: Pick<Address, 'bits' | 'family'>;

  constructor(address: Pick<Address, 'bits' | 'family'>) {
    super();
    this.address = address;
  }

  get typeName(): string {
    return 'net.IP';
  }

  /** In bytes. */
  override get size(): number {
    return this.address.family === 4 ? 4 : 16;
  }

  equals(other: Value): boolean {
    return (
      other instanceof IpValue &&
      other.address.bits === this.address.bits &&
      other.address.family === this.address.family
    );
  }

  toString(): string {
    return formatAddress(this.address);
  }

  /** True when the first bits are these: `startsWith(0xfe80n, 10)` of the first 16. */
  isWithin(network: bigint, prefix: number): boolean {
    const width = this.address.family === 4 ? 32 : 128;
    return this.address.bits >> BigInt(width - prefix) === network;
  }
}

export const ipType = opaqueType('net.IP');

/** Reads an address; one that says an IPv4 address in IPv6, or names a zone, is none. */
export function parseIp(text: string): IpValue | Failure {
  const parsed = parseAddress(text);
  if ('problem' in parsed) {
    return new Failure(
      `IP Address ${JSON.stringify(text)} parse error during conversion from string: ${parsed.problem}`,
    );
  }
  if (parsed.zone !== '') {
    return new Failure(`IP address ${JSON.stringify(text)} with zone value is not allowed`);
  }
  if (parsed.isMapped) {
    return new Failure(`IPv4-mapped IPv6 address ${JSON.stringify(text)} is not allowed`);
  }
  return new IpValue(parsed);
}

type Test = (
  four: (network: bigint, prefix: number) => boolean,
  six: (network: bigint, prefix: number) => boolean,
) => boolean;

const isUnspecified: Test = (four, six) => four(0n, 32) || six(0n, 128);
const isLoopback: Test = (four, six) => four(127n, 8) || six(1n, 128);
const isMulticast: Test = (four, six) => four(0xen, 4) || six(0xffn, 8);
const isLinkLocalMulticast: Test = (four, six) => four(0xe00000n, 24) || six(0xff02n, 16);
const isLinkLocalUnicast: Test = (four, six) => four(0xa9fen, 16) || six(0x3fan, 10);
const isGlobalUnicast: Test = (four, six) =>
  ![isUnspecified, isLoopback, isMulticast, isLinkLocalUnicast].some((test) => test(four, six)) &&
  !four(0xffffffffn, 32);

function testFunction(name: string, test: Test): FunctionDeclaration {
  const id = `ip_${name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`;
  return declare(
    name,
    member(id, [ipType], boolType, (ip: IpValue) => {
      const isFour = ip.address.family === 4;
      return test(
        (network, prefix) => isFour && ip.isWithin(network, prefix),
        (network, prefix) => !isFour && ip.isWithin(network, prefix),
      );
    }),
  );
}

/** Source: Kubernetes, cel/library/ip.go. */
export const ipLibrary: Library = {
  functions: [
    declare('ip', overload('string_to_ip', [stringType], ipType, parseIp)),
    declare(
      'isIP',
      overload(
        'is_ip',
        [stringType],
        boolType,
        (text: string) => !(parseIp(text) instanceof Failure),
      ),
    ),
    declare(
      'ip.isCanonical',
      overload('ip_is_canonical', [stringType], boolType, (text: string) => {
        const ip = parseIp(text);
        return ip instanceof Failure ? ip : String(ip) === text;
      }),
    ),
    declare('string', overload('ip_to_string', [ipType], stringType, String)),
    declare(
      'family',
      member('ip_family', [ipType], intType, ({ address }: IpValue) => address.family),
    ),
    testFunction('isUnspecified', isUnspecified),
    testFunction('isLoopback', isLoopback),
    testFunction('isLinkLocalMulticast', isLinkLocalMulticast),
    testFunction('isLinkLocalUnicast', isLinkLocalUnicast),
    testFunction('isGlobalUnicast', isGlobalUnicast),
  ],
  types: [{ name: 'net.IP', type: typeType(ipType), value: new TypeValue('net.IP') }],
};
