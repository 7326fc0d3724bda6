import type { SeenCluster } from '../reading/clusters.ts';
import type { Formats } from '../reading/formats.ts';

type Sizes = Pick<SeenCluster, 'instances' | 'cores' | 'ram' | 'storageSize'>;

/** Of one instance, and how many there are. */
export function sizeWords({ instances, cores, ram, storageSize }: Sizes, { number, size }: Formats): string {
  const each = [
    cores !== undefined && `${number(cores)} ${cores === 1 ? 'core' : 'cores'}`,
    ram !== undefined && `${size(ram)} RAM`,
    storageSize !== undefined && `${size(storageSize)} storage`,
  ].filter(Boolean);
  const count = instances === undefined ? '' : `${number(instances)} ${instances === 1 ? 'instance' : 'instances'}`;
  return [count, each.join(', ')].filter(Boolean).join(' × ');
}

export function supportWords(end: number | undefined, { day }: Formats): string | undefined {
  if (end === undefined) return undefined;
  return end < Date.now() ? `ended ${day(end)}` : `until ${day(end)}`;
}
