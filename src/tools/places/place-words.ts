import { shortened } from '../../text/labels.ts';
import type { PlaceDoubt } from './doubt.ts';

const NOT_LOOKED_AT =
  'Kubernetes nodes, other managed services and addresses set by hand inside a server are not looked at.';

/** For a plan; `cidr` is the address that the cluster gets. */
export function doubtWords(doubt: PlaceDoubt, cidr = 'the address'): string {
  const address = shortened(cidr);
  switch (doubt.about) {
    case 'place-unread':
      return `The data center and the LAN could not be read (${doubt.reason}): whether they exist, and whether ${address} is free, was not checked.`;
    case 'lan-unread':
      return `The LAN could not be read: whether it exists, and whether ${address} is free, was not checked.`;
    case 'uses-unread':
      return `Could not be read, and may use ${address}: ${doubt.what.join(', ')}. ${NOT_LOOKED_AT}`;
    case 'lan-access':
      return 'The API does not report whether the LAN is private; a cluster needs a private one.';
    case 'block-unknown':
      return `The address block of the LAN is unknown: ${address} may be outside of it.`;
    case 'outside-block':
      return `${address} is outside ${doubt.block}, the addresses of the LAN: machines in it may not reach the cluster.`;
    case 'first-address':
      return `${address} is the first address of the LAN, which a gateway often has.`;
    case 'dhcp':
      return `DHCP may hand ${address} out to another machine; IONOS advises .3 to .10.`;
  }
}
