/** A contract of the sandbox; its account is the owner's alone. */
export interface Contract {
  /** Of its examples. */
  name: 'shop';
  number: string;
  customerId: string;
  /** What the Billing API calls it. */
  reference: string;
  owner: { name: string; id: string };
}

export const SHOP: Contract = {
  name: 'shop',
  number: '31234567',
  customerId: '71000001',
  reference: 'fictional prices of the sandbox',
  owner: { name: 'sandbox@example.com', id: '1f0c8f0a-3a41-4f0e-9a55-6f1f5b0f7f10' },
};

export type Maker = 'account' | 'sql' | 'service';

export function makerUrn({ owner }: Contract, maker: Maker): string {
  const makers: Record<Maker, string> = { account: owner.id, sql: '_unmanaged_', service: '_system_' };
  return `ionos:iam:cloud::users/${makers[maker]}`;
}

export function resourceUrn({ number }: Contract, location: string, path: string): string {
  return `ionos:postgresql:${location.replaceAll('/', '-')}:${number}:${path}`;
}
