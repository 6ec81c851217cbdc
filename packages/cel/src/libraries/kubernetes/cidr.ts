import { type Library, declare, member, overload } from '../../declarations.ts';
import { boolType, intType, opaqueType, stringType, typeType } from '../../type.ts';
import { Failure, OpaqueValue, type Result, TypeValue, type Value } from '../../values/value.ts';
import { IpValue, ipType, parseIp } from './ip.ts';
import { parseAddress } from './parse-address.ts';

/** A network: `10.0.0.0/8`. */
class CidrValue extends OpaqueValue {
  readonly ip: IpValue;
  readonly prefixLength: number;

  constructor(ip: IpValue, prefixLength: number) {
    super();
    this.ip = ip;
    this.prefixLength = prefixLength;
  }

  get typeName(): string {
    return 'net.CIDR';
  }

  /** In bytes, of the part that is the network's. */
  override get size(): number {
    return Math.ceil(this.prefixLength / 8);
  }

  equals(other: Value): boolean {
    return (
      other instanceof CidrValue &&
      other.prefixLength === this.prefixLength &&
      other.ip.equals(this.ip)
    );
  }

  toString(): string {
    return `${String(this.ip)}/${this.prefixLength}`;
  }

  masked(): CidrValue {
    const { bits, family } = this.ip.address;
    const shift = BigInt((family === 4 ? 32 : 128) - this.prefixLength);
    return new CidrValue(
      new IpValue({ bits: (bits >> shift) << shift, family }),
      this.prefixLength,
    );
  }

  contains({ address }: IpValue): boolean {
    const { bits, family } = this.ip.address;
    if (address.family !== family) return false;
    const shift = BigInt((family === 4 ? 32 : 128) - this.prefixLength);
    return bits >> shift === address.bits >> shift;
  }
}

const cidrType = opaqueType('net.CIDR');

/** Source: Go, net/netip, `ParsePrefix`. */
function parsePrefix(text: string): CidrValue | string {
  const quoted = JSON.stringify(text);
  const wrong = (problem: string): string => `netip.ParsePrefix(${quoted}): ${problem}`;
  const slash = text.lastIndexOf('/');
  if (slash < 0) return wrong("no '/'");
  const address = parseAddress(text.slice(0, slash));
  if ('problem' in address) return wrong(address.problem);
  if (address.zone !== '') return wrong('IPv6 zones cannot be present in a prefix');
  const bits = text.slice(slash + 1);
  if (!/^(\d|[1-9]\d+)$/.test(bits)) {
    return wrong(`bad bits after slash: ${JSON.stringify(bits)}`);
  }
  if (Number(bits) > (address.family === 4 ? 32 : 128)) return wrong('prefix length out of range');
  if (address.isMapped) return `IPv4-mapped IPv6 address ${quoted} is not allowed`;
  return new CidrValue(new IpValue(address), Number(bits));
}

/** The recorded server says where it failed twice. */
const where = 'network address parse error during conversion from string: ';

function parse(text: string): CidrValue | Failure {
  const parsed = parsePrefix(text);
  return parsed instanceof CidrValue ? parsed : new Failure(where + where + parsed);
}

function containsIp(network: CidrValue, other: IpValue | string): Result {
  const ip = typeof other === 'string' ? parseIp(other) : other;
  return ip instanceof Failure ? ip : network.contains(ip);
}

function containsCidr(network: CidrValue, other: CidrValue | string): Result {
  const inner = typeof other === 'string' ? parse(other) : other;
  if (inner instanceof Failure) return inner;
  return network.prefixLength <= inner.prefixLength && network.contains(inner.ip);
}

/** Source: Kubernetes, cel/library/cidr.go. */
export const cidrLibrary: Library = {
  functions: [
    declare('cidr', overload('string_to_cidr', [stringType], cidrType, parse)),
    declare(
      'isCIDR',
      overload(
        'is_cidr',
        [stringType],
        boolType,
        (text: string) => !(parse(text) instanceof Failure),
      ),
    ),
    declare('string', overload('cidr_to_string', [cidrType], stringType, String)),
    declare(
      'containsIP',
      member('cidr_contains_ip_string', [cidrType, stringType], boolType, containsIp),
      member('cidr_contains_ip_ip', [cidrType, ipType], boolType, containsIp),
    ),
    declare(
      'containsCIDR',
      member('cidr_contains_cidr_string', [cidrType, stringType], boolType, containsCidr),
      member('cidr_contains_cidr', [cidrType, cidrType], boolType, containsCidr),
    ),
    declare(
      'ip',
      member('cidr_ip', [cidrType], ipType, ({ ip }: CidrValue) => ip),
    ),
    declare(
      'masked',
      member('cidr_masked', [cidrType], cidrType, (cidr: CidrValue) => cidr.masked()),
    ),
    declare(
      'prefixLength',
      member(
        'cidr_prefix_length',
        [cidrType],
        intType,
        ({ prefixLength }: CidrValue) => prefixLength,
      ),
    ),
  ],
  types: [{ name: 'net.CIDR', type: typeType(cidrType), value: new TypeValue('net.CIDR') }],
};
