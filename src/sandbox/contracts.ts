/** A contract of the sandbox; its account is the owner's alone. */
export interface Contract {
  /** Of its examples. */
  name: 'shop' | 'lab';
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
  reference: 'Example Shop (fictional)',
  owner: { name: 'sandbox@example.com', id: '1f0c8f0a-3a41-4f0e-9a55-6f1f5b0f7f10' },
};

const LAB: Contract = {
  name: 'lab',
  number: '32345678',
  customerId: '71000002',
  reference: 'Example Lab (fictional)',
  owner: { name: 'lab@example.com', id: '2a7d4e91-6c05-4b38-8f12-9d3e5a0c7b64' },
};

const CONTRACTS = [SHOP, LAB] as const;

/** For each contract a token that names it, in the form of IONOS's tokens. */
export const sandboxCredentials = CONTRACTS.map((contract) => ({
  authorization: `Bearer ${tokenOf(contract)}`,
  contract: contract.number,
}));

/** Nothing signs it, and its times are round: nobody should take it for a real one. */
function tokenOf({ number, owner }: Contract): string {
  const [iat, exp] = [Date.UTC(2026, 0), Date.UTC(2100, 0)].map((ms) => ms / 1000);
  const identity = { contractNumber: Number(number), role: 'owner', uuid: owner.id, isParent: false };
  const claims = { iss: 'ionos-sandbox', iat, exp, identity: { ...identity, regDomain: 'ionos.de' } };
  const [head, payload] = [{ typ: 'JWT', alg: 'none' }, claims].map((part) =>
    Buffer.from(JSON.stringify(part)).toString('base64url'),
  );
  return `${head}.${payload}.fictional`;
}

/** The contract that a token names, whoever wrote it; every other credential is for the first one. */
export function contractNamedIn(authorization: string | null): Contract {
  const [, payload = ''] = /^bearer +[^.\s]+\.([^.\s]+)/i.exec(authorization ?? '') ?? [];
  const number = contractNumberIn(payload);
  return CONTRACTS.find((each) => each.number === number) ?? SHOP;
}

function contractNumberIn(payload: string): string | undefined {
  try {
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
    const number: unknown = claims.identity.contractNumber;
    return typeof number === 'number' || typeof number === 'string' ? String(number) : undefined;
  } catch {
    return undefined;
  }
}

export type Maker = 'account' | 'sql' | 'service';

export function makerUrn({ owner }: Contract, maker: Maker): string {
  const makers: Record<Maker, string> = { account: owner.id, sql: '_unmanaged_', service: '_system_' };
  return `ionos:iam:cloud::users/${makers[maker]}`;
}

export function resourceUrn({ number }: Contract, location: string, path: string): string {
  return `ionos:postgresql:${location.replaceAll('/', '-')}:${number}:${path}`;
}
