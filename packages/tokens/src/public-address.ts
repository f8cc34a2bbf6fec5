/** Which addresses an issuer may live at: public ones; loopback in development; those inside the network where the policy says so. */
import { BlockList, isIP } from 'node:net';

type Network = readonly [network: string, prefix: number, family: 'ipv4' | 'ipv6'];

/** Which addresses besides public ones are fine. */
export interface Reach {
  readonly loopback: boolean;
  readonly private: boolean;
}

/** IANA special-purpose registries: what is not globally reachable, and what embeds or tunnels to it. */
const SPECIAL: readonly Network[] = [
  ['0.0.0.0', 8, 'ipv4'],
  ['10.0.0.0', 8, 'ipv4'],
  ['100.64.0.0', 10, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['168.63.129.16', 32, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.0.0.0', 24, 'ipv4'],
  ['192.0.2.0', 24, 'ipv4'],
  ['192.88.99.0', 24, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['198.18.0.0', 15, 'ipv4'],
  ['198.51.100.0', 24, 'ipv4'],
  ['203.0.113.0', 24, 'ipv4'],
  ['224.0.0.0', 3, 'ipv4'],
  ['::', 96, 'ipv6'],
  ['::ffff:0:0', 96, 'ipv6'],
  ['64:ff9b:1::', 48, 'ipv6'],
  ['100::', 64, 'ipv6'],
  ['2001::', 23, 'ipv6'],
  ['2001:db8::', 32, 'ipv6'],
  ['2002::', 16, 'ipv6'],
  ['3fff::', 20, 'ipv6'],
  ['5f00::', 16, 'ipv6'],
  ['fc00::', 7, 'ipv6'],
  ['fe80::', 10, 'ipv6'],
  ['fec0::', 10, 'ipv6'],
  ['ff00::', 8, 'ipv6'],
];

const LOOPBACK: readonly Network[] = [
  ['127.0.0.0', 8, 'ipv4'],
  ['::1', 128, 'ipv6'],
];

/** What a company gives its own machines (RFC 1918, 6598, 4193). Link-local is none of it. */
const PRIVATE: readonly Network[] = [
  ['10.0.0.0', 8, 'ipv4'],
  ['100.64.0.0', 10, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['fc00::', 7, 'ipv6'],
];

/** Where clouds hand out credentials to whoever asks (Alibaba, AWS, Google), in the middle of private networks. */
const METADATA: readonly Network[] = [
  ['100.100.100.200', 32, 'ipv4'],
  ['fd00:ec2::254', 128, 'ipv6'],
  ['fd20:ce::254', 128, 'ipv6'],
];

const special = makeCheck([...SPECIAL, ...behindNat64([...SPECIAL, ...LOOPBACK])]);
const loopback = makeCheck(LOOPBACK);
const ours = makeCheck(PRIVATE);
const metadata = makeCheck(METADATA);

/** Whether an IP address, as text, is this machine's own. */
export function isLoopbackAddress(address: string): boolean {
  return isIP(address) !== 0 && loopback(address);
}

/** Whether an IP address, as text, is one anybody on the internet could mean. */
export function isPublicAddress(address: string): boolean {
  return isIP(address) !== 0 && !loopback(address) && !special(address);
}

/** Whether an IP address, as text, is public, or of a kind that is in reach. Link-local and metadata addresses never are. */
export function isWithinReach(address: string, reach: Reach): boolean {
  if (isPublicAddress(address)) return true;
  if (isLoopbackAddress(address)) return reach.loopback;
  return reach.private && isIP(address) !== 0 && ours(address) && !metadata(address);
}

/** The same networks as a NAT64 gateway reaches them (RFC 6052): `64:ff9b::10.0.0.1` is 10.0.0.1. */
function behindNat64(networks: readonly Network[]): readonly Network[] {
  return networks
    .filter(([, , family]) => family === 'ipv4')
    .map(([network, prefix]) => [`64:ff9b::${network}`, 96 + prefix, 'ipv6'] as const);
}

/** One list per family: in a common one Node finds every IPv4 address within `::ffff:0:0/96`. */
function makeCheck(networks: readonly Network[]): (address: string) => boolean {
  const lists = { ipv4: new BlockList(), ipv6: new BlockList() };
  for (const [network, prefix, family] of networks) lists[family].addSubnet(network, prefix, family);
  return (address) => {
    const family = isIP(address) === 4 ? 'ipv4' : 'ipv6';
    return lists[family].check(address, family);
  };
}
