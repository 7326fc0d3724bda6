import type { ApiClient } from '../client.ts';
import type { Sight } from './sight.ts';

/** What of v1 is about no cluster. */
const ABOUT_NONE = ['versions', 'infos/version', 'infos/versions', 'clusters/postgresversions'];
const LITERALS = ['backups', 'postgresversions'];

/** v1 without what belongs to clusters that do not exist for the caller; right before a write that is checked anew. */
export function narrowedClient(api: ApiClient, sight: Sight): ApiClient {
  async function check(path: string, isWrite: boolean): Promise<void> {
    if (ABOUT_NONE.includes(path) && !isWrite) return;
    const [root, id = ''] = path.split('/').map(decodeURIComponent);
    if (root !== 'clusters' || id === '' || LITERALS.includes(id)) throw new Error(`${path} is not narrowed`);
    await (isWrite ? sight.look(id) : sight.require(id));
  }

  const checked =
    (send: ApiClient['get'], isWrite: boolean): ApiClient['get'] =>
    async (path, options) => {
      await check(path, isWrite);
      return send(path, options);
    };

  return {
    ...api,
    get: checked(api.get, false),
    post: checked(api.post, true),
    put: checked(api.put, true),
    patch: checked(api.patch, true),
    delete: checked(api.delete, true),
    forCall: (scope) => narrowedClient(api.forCall(scope), sight),
  };
}
