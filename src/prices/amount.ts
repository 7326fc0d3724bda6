const DECIMAL = /^(\d{1,30})(?:\.(\d{1,30}))?(?:e([+-]?\d{1,2}))?$/i;

/** An exact number: a price for 30 days has no exact decimal for one hour. */
export class Amount {
  static readonly zero = new Amount(0n, 1n);

  readonly #numerator: bigint;
  readonly #denominator: bigint;

  private constructor(numerator: bigint, denominator: bigint) {
    if (denominator === 0n) throw new RangeError('Division by zero');
    const divisor = greatestCommonDivisor(numerator, denominator);
    this.#numerator = numerator / divisor;
    this.#denominator = denominator / divisor;
  }

  /** Undefined for anything but a decimal number of zero or more, such as `0.0125` or `5.56e-05`. */
  static of(text: string | number): Amount | undefined {
    const [, whole, fraction = '', exponent = '0'] = DECIMAL.exec(String(text).trim()) ?? [];
    if (whole === undefined) return undefined;
    const scale = Number(exponent) - fraction.length;
    const digits = BigInt(whole + fraction);
    return scale < 0 ? new Amount(digits, 10n ** BigInt(-scale)) : new Amount(digits * 10n ** BigInt(scale), 1n);
  }

  plus(other: Amount): Amount {
    return new Amount(
      this.#numerator * other.#denominator + other.#numerator * this.#denominator,
      this.#denominator * other.#denominator,
    );
  }

  minus(other: Amount): Amount {
    return this.plus(new Amount(-other.#numerator, other.#denominator));
  }

  times(other: Amount): Amount {
    return new Amount(this.#numerator * other.#numerator, this.#denominator * other.#denominator);
  }

  /** Throws RangeError for zero. */
  dividedBy(other: Amount): Amount {
    const [numerator, denominator] = [this.#numerator * other.#denominator, this.#denominator * other.#numerator];
    return denominator < 0n ? new Amount(-numerator, -denominator) : new Amount(numerator, denominator);
  }

  /** Negative, zero or positive, as for sorting. */
  compare(other: Amount): number {
    const { sign } = this.minus(other);
    return sign;
  }

  get sign(): number {
    if (this.#numerator === 0n) return 0;
    return this.#numerator < 0n ? -1 : 1;
  }

  /** Half of the last digit is rounded away from zero, as on an invoice. Zeros are dropped down to `fewest` digits. */
  toFixed(digits: number, fewest = digits): string {
    const scaled = 2n * this.#numerator * 10n ** BigInt(digits);
    const half = this.#numerator < 0n ? -this.#denominator : this.#denominator;
    const rounded = String((scaled + half) / (2n * this.#denominator));
    const sign = rounded.startsWith('-') ? '-' : '';
    const padded = rounded.slice(sign.length).padStart(digits + 1, '0');
    const point = padded.length - digits;
    let end = padded.length;
    while (end > point + fewest && padded[end - 1] === '0') end -= 1;
    const whole = sign + padded.slice(0, point);
    return end === point ? whole : `${whole}.${padded.slice(point, end)}`;
  }

  /** So that facts can be compared and logged; rounded where it has more than 12 decimal places. */
  toJSON(): string {
    return this.toFixed(12, 0);
  }
}

function greatestCommonDivisor(one: bigint, other: bigint): bigint {
  let [a, b] = [one < 0n ? -one : one, other];
  while (b > 0n) [a, b] = [b, a % b];
  return a;
}
