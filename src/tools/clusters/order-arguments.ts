import * as z from 'zod';
import { LOCATION } from '../../prices/locations.ts';
import { confirmationArguments } from '../plans/plan.ts';
import { args } from '../schemas/arguments.ts';
import { clusterId } from '../schemas/cluster.ts';
import * as property from '../schemas/cluster-properties.ts';
import { orderCredentials } from '../schemas/credentials.ts';
import { wait } from './waiting.ts';

const { sizing } = property;

/** What create_cluster takes. */
export const orderArguments = property.withEnoughInstances(
  args({
    displayName: property.displayName,
    api: z.enum(['v1', 'v2']).optional().describe('IONOS API that takes the order; default v1, or as the operator set'),
    copyOf: clusterId
      .optional()
      .describe('ID or exact name of a cluster whose values are the defaults, from list_clusters'),
    location: z
      .string()
      .min(1)
      .overwrite((text) => (LOCATION.test(text.toLowerCase()) ? text.toLowerCase() : text))
      .optional()
      .describe('e.g. de/fra or us/las; default that of the data center; cannot change later'),
    postgresVersion: property.postgresVersion.optional().describe('e.g. "16"; default fromBackup, else newest'),
    instances: sizing.instances.optional().describe('One primary, the rest standbys; default 1'),
    cores: sizing.cores.optional().describe('CPU cores per instance; default 2'),
    ram: sizing.ram.optional().describe('MB per instance; default 4096; less may be refused'),
    storageSize: sizing.storageSize.optional().describe('MB per instance; default 20480'),
    storageType: property.storageType.optional(),
    connections: property.connections
      .length(1, 'must have exactly one entry')
      .optional()
      .describe('The one private LAN to attach it to'),
    credentials: orderCredentials,
    synchronizationMode: property.synchronizationMode.optional(),
    backupLocation: z
      .string()
      .min(1)
      .optional()
      .describe('de, eu-south-2 or eu-central-2; default the nearest; cannot change later'),
    maintenanceWindow: property.maintenanceWindow.optional(),
    connectionPooler: property.connectionPooler.optional(),
    ...property.onV2,
    fromBackup: property.fromBackup.optional(),
    allowDuplicate: z
      .boolean()
      .optional()
      .describe('Order even if one of this name was ordered in the last 10 minutes'),
    wait: wait.optional().describe('Seconds to wait for AVAILABLE; default 0'),
    ...confirmationArguments,
  }),
);

export type GivenOrder = Omit<
  z.output<typeof orderArguments>,
  'wait' | keyof typeof confirmationArguments | 'allowDuplicate'
>;
