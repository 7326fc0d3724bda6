import * as z from 'zod';
import { InputError, MissingError } from '../../errors.ts';
import { isSameId, isUuid } from '../../text/ids.ts';
import { shortened } from '../../text/labels.ts';
import { isSameName, LONGEST_NAME } from '../../text/same-name.ts';
import { cut, excerpt } from '../../text/visible.ts';
import { type Compute, type Datacenter, type ListReading, readDatacenters } from './compute.ts';

const MOST_NAMED = 20;
const MAX_LOCATION = 40;

/** Or a name. */
export const datacenterId = z.string().trim().min(1).max(LONGEST_NAME);

/** What a data center was asked for by: an ID, or a name, of which there can be several. */
export function matchesIn(wanted: string, { rows }: ListReading<Datacenter>): readonly Datacenter[] {
  if (isUuid(wanted)) return rows.filter(({ id }) => isSameId(id, wanted)).slice(0, 1);
  return rows.filter(({ properties }) => isSameName(properties?.name ?? '', wanted));
}

/** Throws InputError with what there is, MissingError if it is none of them. */
export async function findDatacenter(wanted: string, compute: Compute): Promise<Datacenter> {
  return theOneIn(await readDatacenters(compute), wanted);
}

/** The same in a list that is read already. `at` is the argument that names it. */
export function theOneIn(all: ListReading<Datacenter>, wanted: string, at = 'datacenterId'): Datacenter {
  const found = matchesIn(wanted, all);
  const [one, ...others] = found;
  const asked = `${at} (${excerpt(wanted)})`;
  if (!one) throw new MissingError([`${asked}: ${noneWords(all)}`]);
  if (others.length > 0) throw new InputError([`${asked}: ${severalWords(found)}`]);
  return one;
}

const severalWords = (found: readonly Datacenter[]) =>
  `is the name of several data centers; use an ID: ${labelsOf(found)}`;

function noneWords({ rows, isWhole }: ListReading<Datacenter>): string {
  const others = isWhole ? '' : '; others could not be read';
  return `there is no such data center that these credentials can see. There are: ${labelsOf(rows) || 'none'}${others}`;
}

function labelsOf(datacenters: readonly Datacenter[]): string {
  const labels = datacenters.slice(0, MOST_NAMED).map(labelOf);
  const more = datacenters.length - labels.length;
  return more > 0 ? `${labels.join(', ')} and ${more} more` : labels.join(', ');
}

const labelOf = ({ id, properties: { name = '', location = '' } = {} }: Datacenter) =>
  `${excerpt(name)} (${id}, ${shortened(cut(location, MAX_LOCATION)) || 'unknown location'})`;
