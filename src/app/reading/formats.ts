/** Values in the language and the time zone of the host. */
export interface Formats {
  money(amount: string, currency?: string): string;
  number(value: number): string;
  /** Of a size in MB. */
  size(mb: number): string;
  dateTime(moment: number): string;
  /** To the second, as lines of a log have it. */
  second(moment: number): string;
  date(moment: number): string;
  /** Of a date without a time, which is the same day everywhere. */
  day(moment: number): string;
  /** When a weekly window begins: in the time zone of the host, and in UTC where that differs. */
  weekly(window: { time: string; day: string }, now: number): string;
}

export interface Place {
  locale?: string;
  timeZone?: string;
}

export function createFormats(place: Place): Formats {
  const { locale, timeZone } = accepted(place);
  const number = new Intl.NumberFormat(locale, { maximumFractionDigits: 2 });
  const gigabytes = new Intl.NumberFormat(locale, { style: 'unit', unit: 'gigabyte', maximumFractionDigits: 1 });
  const dateTime = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short', timeZone });
  const second = new Intl.DateTimeFormat(locale, { dateStyle: 'short', timeStyle: 'medium', timeZone });
  const date = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone });
  const day = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: 'UTC' });
  const hour = { weekday: 'long', hour: '2-digit', minute: '2-digit' } as const;
  const own = new Intl.DateTimeFormat(locale, { ...hour, timeZone, timeZoneName: 'short' });
  const utc = new Intl.DateTimeFormat(locale, { ...hour, timeZone: 'UTC', timeZoneName: 'short' });
  return {
    money: (amount, currency) => moneyIn(locale, amount, currency),
    number: (value) => number.format(value),
    // A number is not parted from its unit at the end of a line.
    size: (mb) => gigabytes.format(mb / 1024).replace(' ', '\u{A0}'),
    dateTime: (moment) => dateTime.format(moment),
    second: (moment) => second.format(moment),
    date: (moment) => date.format(moment),
    day: (moment) => day.format(moment),
    weekly(window, now) {
      const next = nextWindow(window, now);
      if (next === undefined) return `${window.day}, ${window.time}`;
      const [here, there] = [own.format(next), utc.format(next)];
      return here === there ? here : `${here} (${there})`;
    },
  };
}

/** A host can name a language or a zone that this browser does not know. */
function accepted({ locale, timeZone }: Place): Place {
  return {
    locale: isTaken(() => new Intl.NumberFormat(locale)) ? locale : undefined,
    timeZone: isTaken(() => new Intl.DateTimeFormat(undefined, { timeZone })) ? timeZone : undefined,
  };
}

function isTaken(use: () => unknown): boolean {
  try {
    use();
    return true;
  } catch {
    return false;
  }
}

/** Amounts are decimals in text; a difference has a sign. */
function moneyIn(locale: string | undefined, amount: string, currency: string | undefined): string {
  const isSigned = amount.startsWith('+');
  const value = Number(amount);
  if (amount.trim() === '' || !Number.isFinite(value)) return [amount, currency].filter(Boolean).join(' ');
  const signDisplay = isSigned ? 'exceptZero' : 'auto';
  if (currency !== undefined && isTaken(() => new Intl.NumberFormat(locale, { style: 'currency', currency }))) {
    return new Intl.NumberFormat(locale, { style: 'currency', currency, signDisplay }).format(value);
  }
  const plain = new Intl.NumberFormat(locale, { signDisplay, maximumFractionDigits: 2 }).format(value);
  return [plain, currency].filter(Boolean).join(' ');
}

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

/** The next time a weekly window begins; undefined if its words are not those of the API. */
export function nextWindow({ time, day }: { time: string; day: string }, now: number): number | undefined {
  const [hours = '', minutes = ''] = time.split(':');
  const weekday = DAYS.indexOf(day);
  const [hour, minute] = [Number.parseInt(hours, 10), Number.parseInt(minutes, 10)];
  if (weekday < 0 || !(hour >= 0 && hour < 24) || !(minute >= 0 && minute < 60)) return undefined;
  const next = new Date(now);
  next.setUTCHours(hour, minute, 0, 0);
  next.setUTCDate(next.getUTCDate() + ((weekday - next.getUTCDay() + 7) % 7));
  return next.getTime() < now ? next.getTime() + 7 * 86_400_000 : next.getTime();
}
