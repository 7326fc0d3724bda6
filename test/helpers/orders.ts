/** A valid order, for create_cluster. */
export const order = {
  displayName: 'shop',
  postgresVersion: '16',
  location: 'de/txl',
  instances: 1,
  cores: 2,
  ram: 4096,
  storageSize: 20480,
  storageType: 'SSD Premium',
  connections: [{ datacenterId: '6e1f4b0d-93a7-4c28-8d15-70b2f9ce3a46', lanId: '2', cidr: '192.168.1.9/24' }],
  credentials: { username: 'shop_owner', password: 'planted-password-1' },
  synchronizationMode: 'ASYNCHRONOUS',
};

const place = { datacenterId: '6e1f4b0d-93a7-4c28-8d15-70b2f9ce3a46', lanId: '2' };

/** The same with an address that the server chooses. */
export const unplaced = { ...order, connections: [place] as [typeof place] };
