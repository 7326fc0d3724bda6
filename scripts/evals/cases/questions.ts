import type { StableQuestion } from './case.ts';

interface Row {
  id: string;
  displayName: string;
  postgresVersion: string;
  instances: number;
  cores: number;
  /** MB */
  ram: number;
  synchronizationMode: string;
  connections: { datacenterId: string; lanId: string }[];
}
interface Named {
  username: string;
  name: string;
  owner: string;
  createdBy: string;
}
interface Backup {
  clusterId: string;
  version: string;
  isActive: boolean;
  createdDate: string;
}
interface Cost {
  displayName: string;
  per30Days: string;
}
/** What results have, by its name there. */
interface Found {
  clusters: Row[];
  users: Named[];
  databases: Named[];
  backups: Backup[];
  estimates: Cost[];
  lines: { time: string; message: string }[];
  endOfCommunitySupport: Record<string, string>;
  datacenters: { id: string; name: string }[];
  properties: Row;
  accounts: { quota: { of: string; limit: number; used: number }[] }[];
}

/** From each of the results that has it. */
function found<Key extends keyof Found>(key: Key, results: readonly unknown[]): Found[Key][] {
  return results.flatMap((result) => (Object(result)[key] === undefined ? [] : [Object(result)[key]]));
}

const all = { tool: 'list_clusters', arguments: { detail: 'full' } };
const inside = (tool: string, clusterId: string, more = {}) => ({ tool, arguments: { clusterId, ...more } });
const WITH_SQL_USERS = ['orders', 'analytics-prod', 'legacy-crm'];
const GB = 1024;

export const questions: readonly StableQuestion[] = [
  {
    id: 'support-ends-first',
    text: 'Which of our clusters runs the PostgreSQL version whose community support ends first? Answer with its name.',
    answer: 'legacy-crm',
    sources: [all, { tool: 'list_postgres_versions', arguments: {} }],
    derive(results) {
      const [ends = {}] = found('endOfCommunitySupport', results);
      const clusters = found('clusters', results).flat();
      const endOf = ({ postgresVersion }: Row) => ends[postgresVersion] ?? '9999';
      return clusters.sort((a, b) => endOf(a).localeCompare(endOf(b)))[0]?.displayName ?? '';
    },
  },
  {
    id: 'synchronous-memory',
    text: 'How many GB of memory do all instances of all clusters with strictly synchronous replication have together? Answer with the number.',
    answer: '192',
    sources: [all],
    derive(results) {
      const clusters = found('clusters', results).flat();
      const strict = clusters.filter(({ synchronizationMode }) => synchronizationMode === 'STRICTLY_SYNCHRONOUS');
      return String(strict.reduce((sum, { instances, ram }) => sum + (instances * ram) / GB, 0));
    },
  },
  {
    id: 'sql-user-with-database',
    text: 'Some database users were created by SQL and not through IONOS. Which of them owns a database? Answer with the name of the user.',
    answer: 'helpdesk',
    sources: WITH_SQL_USERS.flatMap((cluster) => [inside('list_users', cluster), inside('list_databases', cluster)]),
    derive(results) {
      const owners = found('databases', results).flatMap((rows) => rows.map(({ owner }) => owner));
      const users = found('users', results).flat();
      return users
        .filter(({ username, createdBy }) => createdBy.endsWith('_unmanaged_') && owners.includes(username))
        .map(({ username }) => username)
        .join();
    },
  },
  {
    id: 'backup-without-cluster',
    text: 'One backup is of a cluster that no longer exists. Which major version of PostgreSQL is it of? Answer with the number.',
    answer: '15',
    sources: [all, { tool: 'list_backups', arguments: {} }],
    derive(results) {
      const ids = found('clusters', results).flatMap((rows) => rows.map(({ id }) => id));
      const left = found('backups', results).flatMap((rows) =>
        rows.filter(({ clusterId }) => !ids.includes(clusterId)),
      );
      return left.map(({ version }) => version).join();
    },
  },
  {
    id: 'place-of-the-third-most-expensive',
    text: 'In which data center is the LAN of the cluster that costs the third most? Answer with the name of the data center.',
    answer: 'analytics',
    sources: [{ tool: 'estimate_cost', arguments: {} }, all, { tool: 'list_network_options', arguments: {} }],
    derive(results) {
      const costs = found('estimates', results).flat();
      const third = costs.sort((a, b) => Number(b.per30Days) - Number(a.per30Days))[2]?.displayName;
      const cluster = found('clusters', results)
        .flat()
        .find(({ displayName }) => displayName === third);
      const places = found('datacenters', results).flat();
      return places.find(({ id }) => id === cluster?.connections[0]?.datacenterId)?.name ?? '';
    },
  },
  {
    id: 'cost-of-memory',
    text: 'By how many EUR per 30 days would billing cost more if each of its instances had twice its memory? Answer with the number, with two decimals.',
    answer: '184.32',
    sources: [inside('estimate_cost', 'billing', { ram: 32 * GB })],
    derive(results) {
      const [before, after] = found('estimates', results).flat();
      return (Number(after?.per30Days) - Number(before?.per30Days)).toFixed(2);
    },
  },
  {
    id: 'time-of-the-drop',
    text: 'At what time, in UTC, was the database invoices dropped from billing? Answer as HH:MM.',
    answer: '14:10',
    sources: [inside('get_cluster_logs', 'billing', { contains: 'DROP DATABASE' })],
    derive(results) {
      const lines = found('lines', results).flat();
      return lines.find(({ message }) => message.includes('"invoices"'))?.time.slice(11, 16) ?? '';
    },
  },
  {
    id: 'same-lan',
    text: 'Which other clusters are in the same LAN as auth-prod? Answer with their names in alphabetical order, separated by commas.',
    answer: 'billing, orders, sensors',
    sources: [all],
    derive(results) {
      const clusters = found('clusters', results).flat();
      const lanOf = ({ connections: [first] }: Row) => `${first?.datacenterId} ${first?.lanId}`;
      const own = clusters.find(({ displayName }) => displayName === 'auth-prod');
      const others = clusters.filter((each) => each !== own && own !== undefined && lanOf(each) === lanOf(own));
      return others
        .map(({ displayName }) => displayName)
        .sort()
        .join(', ');
    },
  },
  {
    id: 'version-before-the-upgrade',
    text: 'webshop-prod was upgraded a few days ago. Which major version did it run before? Answer with the number.',
    answer: '16',
    sources: [inside('list_cluster_backups', 'webshop-prod')],
    derive(results) {
      const past = found('backups', results).flatMap((rows) => rows.filter(({ isActive }) => !isActive));
      return past.map(({ version }) => version).join();
    },
  },
  {
    id: 'room-in-the-quota',
    text: 'How many more clusters exactly like analytics-prod does the quota of CPU cores leave room for? Answer with the number.',
    answer: '4',
    sources: [{ tool: 'get_account', arguments: {} }, inside('get_cluster', 'analytics-prod')],
    derive(results) {
      const [account] = found('accounts', results).flat();
      const quota = account?.quota.find((each) => each.of === 'cores');
      const [{ instances, cores } = { instances: 0, cores: 0 }] = found('properties', results);
      return String(Math.floor((Number(quota?.limit) - Number(quota?.used)) / (instances * cores)));
    },
  },
];
