import type { AccountFacts } from '../../src/api/credentials.ts';
import type { ServerFacts } from '../../src/tools/tool.ts';
import { TOOLSETS } from '../../src/tools/toolsets.ts';

export const API_URL = 'https://api.ionos.com/databases/postgresql';

/** The only one of a server, where a test is not about that. */
export const ACCOUNT: AccountFacts = { credentials: { kind: 'token' }, apiUrl: API_URL, v2Urls: [] };

export const SERVER: ServerFacts = {
  ...{ account: ACCOUNT, sandbox: false, access: 'full', toolsets: TOOLSETS, confirm: 'never', requireHuman: false },
};

/** In place of the built view. */
export const VIEW_HTML = '<!doctype html><title>view</title>';
