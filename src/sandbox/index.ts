import type { ClusterProperties } from './cluster-properties.ts';
import type { Past, SandboxCluster } from './cluster-store.ts';
import { type Contract, contractNamedIn, SHOP } from './contracts.ts';
import { errorResponse } from './errors.ts';
import { type Fault, pause, strike } from './faults.ts';
import { hasCredential } from './requests.ts';
import type { V2Properties } from './v2/properties.ts';
import type { V2Given } from './v2/store.ts';
import { BASE_PATH, createWorld, type World } from './world.ts';

export { BASE_PATH, type ClusterProperties, type Fault, type SandboxCluster, type V2Properties };

export interface SandboxOptions {
  /** Milliseconds since the epoch; default Date.now */
  clock?: () => number;
  /** How long a cluster stays BUSY or DESTROYING, default 5000 */
  settleMs?: number;
  latencyMs?: number;
  faults?: readonly Fault[];
  /** 0..1, default Math.random */
  random?: () => number;
}

/** A request is for the contract that its token names; all but requests is for the first one. */
export interface Sandbox {
  /** Rejects as fetch does if a fault breaks the connection or the request is aborted */
  fetch(request: Request): Promise<Response>;
  /** The same for a caller on another machine, who can move no cluster */
  fetchRemotely(request: Request): Promise<Response>;
  /** Adds a settled (AVAILABLE) cluster without validation */
  addCluster(properties?: Partial<ClusterProperties>, past?: Past): SandboxCluster;
  /** The same on version 2 */
  addV2Cluster(properties?: Partial<V2Properties>, given?: V2Given): { id: string };
  /** Moves a cluster from version 1 to version 2; throws if it is not there, or not AVAILABLE */
  migrate(id: string): void;
  /** Throws if there is none */
  cluster(id: string): SandboxCluster;
  failNext(fault: Fault, times?: number): void;
}

/**
 * Imitates the API in memory, for two contracts that have nothing in common. docs/sandbox.md lists what it decides where
 * the documentation is silent.
 */
export function createSandbox(options: SandboxOptions = {}): Sandbox {
  const { clock = Date.now, settleMs = 5000, latencyMs = 0, faults = [], random = Math.random } = options;
  const startedAt = clock();
  const worlds = new Map<Contract, World>();
  const planned: Fault[] = [];

  function worldOf(contract: Contract): World {
    const world = worlds.get(contract) ?? createWorld(contract, { clock, settleMs, startedAt });
    worlds.set(contract, world);
    return world;
  }
  async function answer(request: Request, isRemote: boolean): Promise<Response> {
    if (!hasCredential(request)) return errorResponse(401);
    const contract = contractNamedIn(request.headers.get('authorization'));
    return worldOf(contract).fetch(request, { isRemote });
  }
  const nextFault = () => planned.shift() ?? faults.find(({ chance = 1 }) => random() < chance);

  async function fetchFrom(request: Request, isRemote: boolean) {
    request.signal.throwIfAborted();
    if (latencyMs > 0) await pause(latencyMs, request);
    const fault = nextFault();
    return fault ? strike(fault, request, () => answer(request, isRemote)) : answer(request, isRemote);
  }

  return {
    fetch: (request) => fetchFrom(request, false),
    fetchRemotely: (request) => fetchFrom(request, true),
    addCluster: (properties = {}, past) => worldOf(SHOP).clusters.add(properties, past),
    addV2Cluster: (properties, given) => worldOf(SHOP).v2Clusters.add(properties, given),
    migrate: (id) => worldOf(SHOP).migrate(id),
    cluster: (id) => worldOf(SHOP).clusters.read(id),
    failNext: (fault, times = 1) => {
      planned.push(...Array<Fault>(times).fill(fault));
    },
  };
}
