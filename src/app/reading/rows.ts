import { fieldsOf, flagOf, type JsonFields, listOf, momentOf, numberOf, textOf } from './values.ts';

export interface SeenBackup {
  id: string;
  version?: string;
  location?: string;
  /** MB. */
  size?: number;
  created?: number;
  isActive: boolean;
  /** The oldest and the newest point in time that it can restore; none until its first base backup is complete. */
  from?: number;
  to?: number;
}

export interface SeenRows<Row> {
  rows: readonly Row[];
  hasMore: boolean;
  note?: string;
}

function rowsIn<Row>(data: JsonFields, key: string, row: (fields: JsonFields) => Row | undefined): SeenRows<Row> {
  const rows = listOf(data[key]).flatMap((each) => row(fieldsOf(each)) ?? []);
  return { rows, hasMore: data.nextOffset !== undefined, note: textOf(data.note) };
}

/** `now` is when the server looked: until then a backup that is active reaches. */
export function backupsIn(data: JsonFields, now: number): SeenRows<SeenBackup> & { now: number } {
  const looked = momentOf(data.now) ?? now;
  const rows = rowsIn(data, 'backups', (row) => {
    const id = textOf(row.id);
    const from = momentOf(row.earliestRecoveryTargetTime);
    const isActive = flagOf(row.isActive) === true;
    const to = isActive ? looked : momentOf(row.end);
    return id === undefined
      ? undefined
      : {
          id,
          version: textOf(row.version),
          location: textOf(row.location),
          size: numberOf(row.size),
          created: momentOf(row.createdDate),
          isActive,
          from,
          to,
        };
  });
  return { ...rows, now: looked };
}

export const usersIn = (data: JsonFields) =>
  rowsIn(data, 'users', ({ username, createdDate }) => {
    const name = textOf(username);
    return name === undefined ? undefined : { name, created: momentOf(createdDate) };
  });

export const databasesIn = (data: JsonFields) =>
  rowsIn(data, 'databases', (row) => {
    const name = textOf(row.name);
    return name === undefined ? undefined : { name, owner: textOf(row.owner), created: momentOf(row.createdDate) };
  });

export const linesIn = (data: JsonFields) => ({
  ...rowsIn(data, 'lines', ({ time, instance, message }) => ({
    time: momentOf(time),
    instance: textOf(instance),
    message: textOf(message) ?? '',
  })),
  hasMore: data.more !== undefined,
});

/** When the PostgreSQL project ends its support, by major version. */
export function supportIn(data: JsonFields): ReadonlyMap<string, number> {
  const dates = Object.entries(fieldsOf(data.endOfCommunitySupport));
  return new Map(
    dates.flatMap(([version, date]) => (momentOf(date) === undefined ? [] : [[version, momentOf(date) ?? 0]])),
  );
}

/** Where a backup lies on a line from the oldest point in time of all of them to now, in percent. */
export function spanOf({ from, to }: SeenBackup, all: readonly SeenBackup[], now: number) {
  if (from === undefined) return undefined;
  const oldest = Math.min(...all.flatMap((each) => each.from ?? []));
  const whole = Math.max(now - oldest, 1);
  const start = (100 * (from - oldest)) / whole;
  const end = Math.min(100, Math.max(start, (100 * ((to ?? now) - oldest)) / whole));
  return { start, width: Math.max(end - start, 0.5) };
}
