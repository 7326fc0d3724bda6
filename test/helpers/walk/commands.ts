import fc from 'fast-check';
import {
  backupOf,
  change,
  clusterOf,
  DATABASES,
  databaseName,
  databaseOf,
  inside,
  moment,
  optional,
  orders,
  pick,
  rarely,
  recoveryOf,
  secret,
  sizes,
  USERS,
  username,
  userOf,
  wait,
} from './arguments.ts';
import { DAY_MS } from './model.ts';
import { readResource, reads, resourcePaths, type Subject } from './reads.ts';
import { meddle, meddling } from './somebody.ts';
import type { World } from './world.ts';
import { type createWriter, FAULTS, MANNERS, type Writer } from './writes.ts';

export interface Walker {
  world: World;
  write: ReturnType<typeof createWriter>;
}

type Command = fc.AsyncCommand<object, Walker>;

/** What is done, and after it a look whether the server lists what the model holds; it names the cluster that it touched. */
function command<T>(
  name: string,
  arbitrary: fc.Arbitrary<T>,
  run: (made: T, walker: Walker) => Promise<string | undefined>,
) {
  return arbitrary.map(
    (made): Command => ({
      check: () => true,
      async run(_, walker) {
        const touched = await run(made, walker);
        await walker.world.compare(touched ?? '');
      },
      toString: () => `${name} ${fc.stringify(made)}`,
    }),
  );
}

const manner = rarely(fc.constant('agree' as const), fc.constantFrom(...MANNERS), 1);
const fault = rarely(fc.constant(undefined), fc.constantFrom(...FAULTS), 6);

function writing<T>(tool: Writer, arbitrary: fc.Arbitrary<T>, argsOf: (made: T, world: World) => object) {
  return command(tool, fc.record({ made: arbitrary, manner, fault, meddling }), async ({ made, ...how }, walker) => {
    // As it crosses the wire, without what is undefined.
    const args = JSON.parse(JSON.stringify(argsOf(made, walker.world)));
    await walker.write({ tool, args, ...how });
    return args.clusterId ?? walker.world.account.clusters.at(-1)?.id;
  });
}

const user = inside(username);
const database = inside(databaseName);

const [create, remove, ...changes] = [
  writing(
    'create_cluster',
    fc.record({ order: orders, username, secret, source: optional(fc.record({ backup: pick, when: moment })) }),
    ({ order, username, secret, source }, world) => ({
      ...order,
      // None is sent with the address of another within ten minutes.
      connections: [...order.connections].map((connection?: object) => ({ ...connection, cidr: world.nextCidr() })),
      // Such a user can be ordered, but no path reaches it afterwards.
      credentials: { username: username === '..' ? 'app' : username, ...secret },
      fromBackup: source && recoveryOf(world, backupOf(world, source.backup), source.when),
    }),
  ),
  writing('delete_cluster', pick, (cluster, world) => ({ clusterId: clusterOf(world, cluster) })),
  writing('update_cluster', fc.record({ cluster: pick, change, wait }), ({ cluster, change, wait }, world) => ({
    clusterId: clusterOf(world, cluster),
    ...change,
    wait,
  })),
  writing(
    'restore_cluster',
    fc.record({ cluster: pick, backup: pick, isOwn: rarely(fc.constant(true), fc.constant(false), 2), when: moment }),
    ({ cluster, backup, isOwn, when }, world) => {
      const clusterId = clusterOf(world, cluster);
      return { clusterId, ...recoveryOf(world, backupOf(world, backup, isOwn ? clusterId : undefined), when) };
    },
  ),
  writing('create_user', fc.record({ cluster: pick, username, secret }), ({ cluster, username, secret }, world) => ({
    clusterId: clusterOf(world, cluster),
    username,
    ...secret,
  })),
  writing('update_user', fc.record({ cluster: pick, user, secret }), ({ cluster, user, secret }, world) => {
    const clusterId = clusterOf(world, cluster);
    return { clusterId, username: userOf(world, clusterId, user), ...secret };
  }),
  writing('delete_user', fc.record({ cluster: pick, user }), ({ cluster, user }, world) => {
    const clusterId = clusterOf(world, cluster);
    return { clusterId, username: userOf(world, clusterId, user) };
  }),
  writing(
    'create_database',
    fc.record({ cluster: pick, name: databaseName, owner: user }),
    ({ cluster, name, owner }, world) => {
      const clusterId = clusterOf(world, cluster);
      return { clusterId, name, owner: userOf(world, clusterId, owner) };
    },
  ),
  writing('delete_database', fc.record({ cluster: pick, database }), ({ cluster, database }, world) => {
    const clusterId = clusterOf(world, cluster);
    return { clusterId, name: databaseOf(world, clusterId, database) };
  }),
] as const;

const resize = writing('update_cluster', fc.record({ cluster: pick, sizes }), ({ cluster, sizes }, world) => ({
  clusterId: clusterOf(world, cluster),
  ...sizes,
}));

const subject = fc.record({
  cluster: pick,
  user: inside(fc.constantFrom(...USERS, 'postgres')),
  database: inside(fc.constantFrom(...DATABASES)),
  backup: pick,
});

type Made = typeof subject extends fc.Arbitrary<infer T> ? T : never;

function subjectOf(world: World, { cluster, user, database, backup }: Made): Subject {
  const clusterId = clusterOf(world, cluster);
  const username = userOf(world, clusterId, user);
  return { clusterId, username, name: databaseOf(world, clusterId, database), backupId: backupOf(world, backup) };
}

/** A call that reads, whose first request may break off and is then made again. */
const reading = command(
  'read',
  fc.record({
    tool: fc.constantFrom(...Object.keys(reads)),
    subject,
    number: fc.nat(20),
    isBroken: rarely(fc.constant(false), fc.constant(true), 5),
  }),
  async ({ tool, subject, number, isBroken }, { world }) => {
    world.strike(isBroken ? 'drop' : undefined, false);
    await reads[tool]?.(world, subjectOf(world, subject), number);
    world.strike(undefined, false);
    return undefined;
  },
);

const resource = command(
  'resource',
  fc.record({ path: resourcePaths, subject }),
  async ({ path, subject }, { world }) => {
    await readResource(world, path, subjectOf(world, subject));
    return undefined;
  },
);

const passing = command(
  'time passes',
  fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(5_000, 6_300, 11_000) },
    { weight: 3, arbitrary: fc.constantFrom(300, 1_000, 4_999, 70_000, 119_000) },
    { weight: 1, arbitrary: fc.constantFrom(660_000, DAY_MS, 6 * DAY_MS, 8 * DAY_MS) },
  ),
  async (ms, { world }) => world.pass(ms),
);

const somebodyElse = command('somebody else', meddling, async (what, { world }) => {
  await meddle(world, what);
  return undefined;
});

/** Every tool, every resource, somebody else and the clock. */
export const commands: fc.Arbitrary<Command>[] = [
  ...[create, create, create, remove, ...changes, ...changes],
  ...[resize, resize, resize, resize],
  ...[reading, reading, reading, resource, resource],
  ...[somebodyElse, somebodyElse],
  ...[passing, passing, passing, passing, passing, passing],
];
