/** Who looks into TLS on the way of others, by a word in the name of its authority. */
const interceptors: readonly (readonly [RegExp, string])[] = [
  [/zscaler/i, 'Zscaler'],
  [/netskope|goskope/i, 'Netskope'],
  [/forti(gate|net)|FGT\d/i, 'a FortiGate firewall'],
  [/palo ?alto|globalprotect/i, 'a Palo Alto Networks firewall'],
  [/blue ?coat|symantec web security/i, 'a Blue Coat proxy'],
  [/cisco (umbrella|secure access)|opendns/i, 'Cisco Umbrella'],
  [/sophos/i, 'Sophos'],
  [/check ?point/i, 'a Check Point firewall'],
  [/sonicwall/i, 'a SonicWall firewall'],
  [/watchguard/i, 'a WatchGuard firewall'],
  [/barracuda/i, 'Barracuda'],
  [/forcepoint|websense/i, 'Forcepoint'],
  [/mcafee web gateway|skyhigh/i, 'Skyhigh Security'],
  [/iboss/i, 'iboss'],
  [/cloudflare (for teams|gateway)/i, 'Cloudflare Gateway'],
  [/kaspersky/i, 'Kaspersky'],
  [/\beset\b/i, 'ESET'],
  [/avast|avg web/i, 'Avast'],
  [/bitdefender/i, 'Bitdefender'],
  [/mitmproxy/i, 'mitmproxy'],
  [/charles proxy/i, 'Charles'],
  [/portswigger/i, 'Burp Suite'],
  [/fiddler/i, 'Fiddler'],
  [/squid/i, 'Squid'],
];

/** The interceptor that the issuers of a chain name; undefined when none is known. */
export function findInterceptor(issuers: readonly string[]): string | undefined {
  return interceptors.find(([word]) => issuers.some((each) => word.test(each)))?.[1];
}
