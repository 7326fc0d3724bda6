/** What the paths of IONOS's APIs consist of, apart from IDs and names. */
const WORDS: ReadonlySet<string> = new Set([
  ...['backups', 'clusters', 'databases', 'logs', 'postgresversions', 'restore', 'users', 'versions'],
  ...['infos', 'version', 'quota', 'contracts', 'profile', 'products'],
  ...['datacenters', 'lans', 'nics', 'pccs', 'natgateways', 'networkloadbalancers', 'applicationloadbalancers'],
]);

/** The path without the values in it. A word that is missing above counts as one of them, so nothing is disclosed. */
export const templateOf = (path: string) =>
  path
    .split('/')
    .map((segment) => (WORDS.has(segment) ? segment : '{id}'))
    .join('/');
