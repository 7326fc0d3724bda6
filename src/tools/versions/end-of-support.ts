/**
 * "Final Release" in the table at https://www.postgresql.org/support/versioning/, from copies of 2026-07-07 and
 * 2026-10-05, which agree.
 */
const LAST_RELEASE: Readonly<Record<string, string>> = {
  '13': '2025-11-13',
  '14': '2026-11-12',
  '15': '2027-11-11',
  '16': '2028-11-09',
  '17': '2029-11-08',
  '18': '2030-11-14',
};

const SOURCE = 'https://www.postgresql.org/support/versioning/ as of 2026-10-05';
const UNTOLD = 'IONOS does not document its own support';

export function endOfSupport(versions: readonly string[], isTold = false) {
  const known = versions.flatMap((version) => {
    const date = Object.hasOwn(LAST_RELEASE, version) ? LAST_RELEASE[version] : undefined;
    return date === undefined ? [] : [[version, date]];
  });
  return known.length === 0
    ? {}
    : { endOfCommunitySupport: Object.fromEntries(known), source: isTold ? SOURCE : `${SOURCE}; ${UNTOLD}` };
}
