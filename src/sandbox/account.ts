/** The only account: any credential is accepted. */
export const ACCOUNT = { name: 'sandbox@example.com', id: '1f0c8f0a-3a41-4f0e-9a55-6f1f5b0f7f10' };

export const CONTRACT = '31234567';

export type Maker = 'account' | 'sql' | 'service';

const MAKERS: Record<Maker, string> = { account: ACCOUNT.id, sql: '_unmanaged_', service: '_system_' };

export function makerUrn(maker: Maker): string {
  return `ionos:iam:cloud::users/${MAKERS[maker]}`;
}

export function resourceUrn(location: string, path: string): string {
  return `ionos:postgresql:${location.replaceAll('/', '-')}:${CONTRACT}:${path}`;
}
