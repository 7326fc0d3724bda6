// What the SOCKS client uses of the library ip-address, which is larger than the client itself.

export class Address4 {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toArray(): number[] {
    return this.#text.split('.').map(Number);
  }
}

const GROUPS = 8;

export class Address6 {
  readonly #groups: number[];

  /** Of an address that is valid. */
  constructor(text: string) {
    this.#groups = groupsOf(text);
  }

  static fromByteArray(bytes: readonly number[]): Address6 {
    const hex = bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('');
    return new Address6(hex.replace(/(?<=.)(?=(?:.{4})+$)/g, ':'));
  }

  canonicalForm(): string {
    return this.#groups.map((group) => group.toString(16).padStart(4, '0')).join(':');
  }
}

/** URL writes what ends like an address of version 4 in groups as well. */
function groupsOf(text: string): number[] {
  const [address = ''] = text.split('%');
  const plain = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [before = [], after = []] = plain.split('::').map((half) => half.split(':').filter(Boolean));
  const zeros = new Array<string>(GROUPS - before.length - after.length).fill('0');
  return [...before, ...zeros, ...after].map((group) => Number.parseInt(group, 16));
}
