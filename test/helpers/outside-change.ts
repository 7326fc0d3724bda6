import type { Sandbox } from '../../src/sandbox/index.ts';

/** Changes a cluster past the server, as somebody else with access to the account would. */
export async function changeOutside(sandbox: Sandbox, id: string, properties: object): Promise<void> {
  const headers = { authorization: 'Bearer somebody', 'content-type': 'application/json' };
  const body = JSON.stringify({ properties });
  const url = `https://api.ionos.com/databases/postgresql/clusters/${id}`;
  const response = await sandbox.fetch(new Request(url, { method: 'PATCH', headers, body }));
  if (!response.ok) throw new Error(await response.text());
}
