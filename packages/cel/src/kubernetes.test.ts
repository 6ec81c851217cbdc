import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { kubernetesEnvironment } from './kubernetes.ts';
import { Failure } from './values/value.ts';

const environment = kubernetesEnvironment();

/** Each is true. Source: Kubernetes documentation, "Common Expression Language in Kubernetes". */
const examples: Readonly<Record<string, readonly string[]>> = {
  lists: [
    "['a', 'b', 'c'].isSorted()",
    '![2.0, 1.0].isSorted()',
    '[1, 3].sum() == 4 && [1.0, 3.0].sum() == 4.0',
    "[duration('1m'), duration('1s')].sum() == duration('1m1s')",
    '[1, 3].min() == 1 && [1, 3].max() == 3',
    "['b', 'a', 'b'].indexOf('b') == 0 && ['b', 'a', 'b'].lastIndexOf('b') == 2",
    '[1].indexOf(5) == -1',
    '[3, 1, 2, 1].distinct() == [3, 1, 2]',
    '[[[1]], [[2, 3]]].flatten(2) == [1, 2, 3]',
    '[3, 1, 2].sort() == [1, 2, 3]',
    "['bb', 'a'].sortBy(e, e.size()) == ['a', 'bb']",
    '[1, 2, 3, 4].slice(1, 3) == [2, 3] && [1, 2].reverse() == [2, 1]',
    'lists.range(3) == [0, 1, 2]',
    '[1, 2].first().value() == 1 && [1, 2].last().value() == 2 && ![].first().hasValue()',
  ],
  regex: [
    "'abc 123'.find('[0-9]+') == '123' && 'abc'.find('[0-9]+') == ''",
    "'1a2b3'.findAll('[0-9]') == ['1', '2', '3']",
    "'1a2b3'.findAll('[0-9]', 2) == ['1', '2'] && 'ab'.findAll('') == ['', '', '']",
  ],
  url: [
    "isURL('https://user:pass@example.com:80/path?query=val#fragment') && !isURL('../relative-path')",
    "isURL('/absolute-path') && !isURL('https://a:b:c/')",
    "url('https://example.com:80/').getHost() == 'example.com:80'",
    "url('https://[::1]:80/path').getHostname() == '::1' && url('https://[::1]:80/path').getPort() == '80'",
    "url('https://example.com/path with spaces/').getEscapedPath() == '/path%20with%20spaces/'",
    "url('https://example.com/path?k1=a&k2=b&k1=c').getQuery() == {'k1': ['a', 'c'], 'k2': ['b']}",
  ],
  quantity: [
    "quantity('50k').isLessThan(quantity('50Mi')) && quantity('1Mi').isGreaterThan(quantity('50k'))",
    "quantity('50Mi').compareTo(quantity('50M')) == 1 && quantity('200M') == quantity('0.2G')",
    "quantity('50k').asInteger() == 50000 && !quantity('0.5').isInteger()",
    "quantity('50k').add(quantity('20k')) == quantity('70k') && quantity('50k').sub(20000) == quantity('30k')",
    "sign(quantity('-1')) == -1 && isQuantity('1.3G') && !isQuantity('1.3GB')",
    "quantity('0.1').asApproximateFloat() == 0.1",
  ],
  ip: [
    "isIP('127.0.0.1') && !isIP('127.0.0.256') && !isIP('::ffff:1.2.3.4')",
    "ip('2001:db8::abcd').family() == 6 && ip('127.0.0.1').isLoopback()",
    "ip.isCanonical('2001:db8::abcd') && !ip.isCanonical('2001:DB8::ABCD')",
    "!ip.isCanonical('2001:db8::0:0:0:abcd')",
    "ip('fe80::1').isLinkLocalUnicast() && ip('224.0.0.1').isLinkLocalMulticast()",
    "ip('8.8.8.8').isGlobalUnicast() && !ip('255.255.255.255').isGlobalUnicast()",
    "string(ip('0:0:0:0:0:0:0:1')) == '::1' && type(ip('::')) == net.IP",
  ],
  cidr: [
    "isCIDR('192.168.0.0/16') && !isCIDR('192.168.0.0/33') && !isCIDR('192.168.0.0/')",
    "cidr('192.168.0.0/24').containsIP('192.168.0.5') && !cidr('192.168.0.0/24').containsIP(ip('192.168.1.0'))",
    "cidr('192.168.0.0/16').containsCIDR('192.168.10.0/24') && !cidr('10.0.0.0/8').containsCIDR(cidr('0.0.0.0/0'))",
    "cidr('192.168.1.0/16').masked() == cidr('192.168.0.0/16') && cidr('::1/128').ip() == ip('::1')",
    "cidr('10.0.0.0/8').prefixLength() == 8 && string(cidr('10.1.0.0/8')) == '10.1.0.0/8'",
  ],
  semver: [
    "isSemver('1.0.0') && !isSemver('v1.0') && isSemver('v1.0', true)",
    "semver('1.2.3').compareTo(semver('2.0.0')) == -1 && semver('1.2.3').major() == 1",
    "semver('1.0.0-beta.2').isLessThan(semver('1.0.0-beta.11'))",
    "semver('1.0.0-rc.1').isLessThan(semver('1.0.0')) && semver('1.0.0+a') == semver('1.0.0+b')",
    "semver('01.01', true) == semver('1.1.0') && !isSemver('01.1.0')",
  ],
  format: [
    "!format.dns1123Label().validate('my-label-name').hasValue()",
    "format.dns1123Subdomain().validate('a..b').hasValue()",
    "format.named('dns1035Label').value().validate('1a').hasValue()",
    "format.uuid().validate('x').value() == ['does not match the UUID format']",
    "format.labelValue().validate('-' + lists.range(63).map(i, 'a').join()).value().size() == 2",
    "format.qualifiedName().validate('a_b/_c').value().size() == 2",
    "'%f %.1f'.format([1234.5, -1234567.0]) == '1,234.500000 -1,234,567.0'",
    "'%e'.format([1500.0]) == '1.500000\u202f×\u202f10⁰³'",
    "!format.byte().validate('aGVsbG8=').hasValue() && format.byte().validate('aGVsbG8').hasValue()",
    "!format.date().validate('2021-01-01').hasValue() && format.date().validate('2021-02-30').hasValue()",
    "!format.labelValue().validate('').hasValue() && !format.datetime().validate('2021-01-01T00:00:00Z').hasValue()",
  ],
  sets: [
    'sets.contains([1, 2], [1]) && sets.equivalent([1, 1], [1]) && !sets.intersects([1], [2])',
  ],
  optionals: [
    "{'a': 1}.?b.orValue(2) == 2 && {'a': 1}[?'a'].optMap(x, x + 1).value() == 2",
    "[?{'a': 1}.?b, 3] == [3] && optional.of(1).optFlatMap(x, optional.none()).hasValue() == false",
  ],
  'two variables': [
    "{'a': 1}.all(k, v, k == 'a' && v == 1) && [5].exists(i, v, i == 0 && v == 5)",
    "[5, 6].existsOne(i, v, i + v == 5) && {'a': 1}.transformList(k, v, k + string(v)) == ['a1']",
    "{'a': 1, 'b': 2}.transformMap(k, v, v > 1, v * 2) == {'b': 4}",
    "{'a': 'x'}.transformMapEntry(k, v, {v: k}) == {'x': 'a'}",
  ],
  strings: [
    "'tacocat'.charAt(3) == 'o' && 'hello mellow'.indexOf('ello', 2) == 7",
    "'😀b'.size() == 2 && '😀b'.substring(1) == 'b' && '😀b'.indexOf('b') == 1",
    "'abc'.indexOf('c', 5) == -1 && 'abc'.lastIndexOf('a', 3) == -1 && ''.indexOf('a', 0) == -1",
    "'a,b,c'.split(',', 2) == ['a', 'b,c'] && ['a', 'b'].join('-') == 'a-b'",
    "'%s is %d of %.2f'.format(['a', 1, 2.5]) == 'a is 1 of 2.50'",
    `'%s'.format([['a', 'b']]) == '["a", "b"]' && '%s'.format([{'k': 2.5}]) == '{"k":2.500000}'`,
    `'%s'.format([[duration('1h'), b'x']]) == '[duration("3600s"), b"x"]'`,
    "string(999999.5) == '999999.5' && string(1000000.0) == '1e+06' && '%s'.format([2e9]) == '2e+09'",
    "string(0.0001) == '0.0001' && string(0.00001) == '1e-05' && string(0.0) == '0'",
  ],
};

suite('the examples of Kubernetes’ documentation', () => {
  for (const [library, texts] of Object.entries(examples)) {
    test(library, () => {
      for (const text of texts) {
        const compiled = environment.compile(text);
        assert.ok(compiled.kind === 'compiled', `${text}: ${JSON.stringify(compiled)}`);
        const { result } = compiled.program.evaluate({});
        assert.equal(result instanceof Failure ? result.message : result, true, text);
      }
    });
  }

  test('%d is for ints, as in version 2 of the library of strings', () => {
    const compiled = environment.compile("'%d'.format([1.5])");
    assert.ok(compiled.kind === 'compiled');
    const { result } = compiled.program.evaluate({});
    assert.ok(result instanceof Failure);
    assert.match(result.message, /decimal clause can only be used on integers, was given double/);
  });

  test('what 1.36 does not have is not there', () => {
    for (const text of [
      "'a'.reverse()",
      'math.greatest(1, 2)',
      "base64.encode(b'')",
      'cel.bind(x, 1, x)',
    ]) {
      assert.equal(environment.compile(text).kind, 'refused', text);
    }
  });
});
