import type { AccountFacts } from '../../src/api/credentials.ts';

export const API_URL = 'https://api.ionos.com/databases/postgresql';

/** The only one of a server, where a test is not about that. */
export const ACCOUNT: AccountFacts = { credentials: { kind: 'token' }, apiUrl: API_URL, v2Urls: [] };
