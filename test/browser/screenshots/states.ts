import type { FrameLocator } from 'playwright-core';
import type { Result } from '../open.ts';
import {
  ANSWERS,
  analytics,
  asking,
  clusters,
  costs,
  data,
  failing,
  manyClusters,
  OF_ONE_CLUSTER,
  orders,
  preview,
  SANDBOX,
  wholePlan,
} from './answers.ts';

export interface State {
  /** What the host sends; nothing before there is a result. */
  result?: Result;
  cancelled?: string;
  isHostRefusing?: boolean;
  /** What the tools answer; those without an answer never do. Without any the host lets none be called. */
  answers?: Record<string, Result | Error>;
  /** What a person does then. */
  act?(view: FrameLocator): Promise<void>;
  /** Text that is there once it is ready. */
  ready: string;
  /** Where it is long, how much of its height is compared. */
  beginsWith?: number;
}

/** By dispatch, so that no pointer rests on what is shown. */
const press = (view: FrameLocator, name: string) =>
  view.getByRole('button', { name, exact: true }).dispatchEvent('click');

const openAll = async (view: FrameLocator) => {
  for (const what of ['backups', 'users', 'databases', 'log lines']) await press(view, `Show ${what}`);
  await view.getByText('restartpoint').waitFor();
};

const agree = (view: FrameLocator) => press(view, 'Do this');
const UNDER_MAINTENANCE = 'The API answered 503: it is under maintenance.';

/** Every state of the view. */
export const STATES: Readonly<Record<string, State>> = {
  loading: { ready: 'Waiting for the result…' },
  'no-host': { isHostRefusing: true, ready: 'No connection to the host' },
  cancelled: { cancelled: 'The person stopped it.', ready: 'The call was cancelled' },
  error: { result: failing('The API answered 401: check the token.'), ready: 'check the token' },
  declined: { result: data({ outcome: 'declined', note: 'The person declined.' }), ready: 'The person declined.' },
  duplicate: { result: data({ outcome: 'duplicate', note: 'Check list_clusters.' }), ready: 'Check list_clusters.' },

  'no-clusters': { result: data({ clusters: [] }), ready: 'No clusters' },
  clusters: { result: data({ clusters }), answers: ANSWERS, ready: 'per 30 days' },
  'clusters-without-tools': {
    result: data({ clusters: clusters.slice(0, 2), nextOffset: 2, note: 'Those of one region.' }),
    ready: 'There are more clusters',
  },
  'clusters-300': { result: data({ clusters: manyClusters }), ready: '300 PostgreSQL clusters', beginsWith: 400 },
  'clusters-none-found': {
    result: data({ clusters: manyClusters }),
    act: (view) => view.getByLabel('Filter').fill('nothing such'),
    ready: 'No cluster matches the filter.',
  },

  cluster: { result: data(orders('DEGRADED')), answers: OF_ONE_CLUSTER, ready: '€1,551.96' },
  'cluster-in-full': { result: data(analytics), answers: OF_ONE_CLUSTER, act: openAll, ready: 'restartpoint' },
  'cluster-empty': {
    result: data(orders('AVAILABLE')),
    answers: {
      list_cluster_backups: data({ backups: [] }),
      list_users: data({ users: [] }),
      list_databases: failing(UNDER_MAINTENANCE),
    },
    act: async (view) => {
      for (const what of ['backups', 'users', 'databases', 'log lines']) await press(view, `Show ${what}`);
    },
    ready: UNDER_MAINTENANCE,
  },
  'cluster-named': {
    result: data({ outcome: 'waiting', state: 'BUSY', displayName: 'orders', note: 'Still BUSY after 40 s.' }),
    answers: {},
    ready: 'Loading the cluster…',
  },
  'change-under-way': {
    result: data({ outcome: 'started', cluster: orders('BUSY'), note: SANDBOX }),
    answers: {},
    ready: 'a change is under way',
    beginsWith: 200,
  },
  'deletion-under-way': {
    result: data({ outcome: 'started', cluster: orders('DESTROYING'), note: SANDBOX }),
    answers: {},
    ready: 'Being deleted',
    beginsWith: 200,
  },
  'cluster-gone': { result: data(orders('GONE')), answers: {}, ready: 'Deleted' },
  deleted: { result: data({ outcome: 'done', state: 'GONE', note: SANDBOX }), ready: 'no longer exists' },

  preview: { result: preview, answers: {}, ready: 'This is a preview.' },
  plan: { result: asking({}, wholePlan), answers: {}, ready: 'Do this' },
  'plan-typed': { result: asking({ isTyped: true }), answers: {}, ready: 'To agree, type the name' },
  'plan-in-chat': { result: asking(), ready: 'answer in the chat' },
  'plan-mistyped': {
    result: asking({ isTyped: true }),
    answers: { confirm_write: asking({ isTyped: true, token: 'another', note: 'The typed name did not match.' }) },
    act: async (view) => {
      await view.getByLabel('To agree, type the name').fill('ordres');
      await agree(view);
    },
    ready: 'The typed name did not match.',
  },
  'plan-sending': { result: asking(), answers: {}, act: agree, ready: 'Sending…' },
  'plan-refused': {
    result: asking(),
    answers: { confirm_write: failing('Blocked by a policy that the operator set.') },
    act: agree,
    ready: 'Blocked by a policy',
  },
  'plan-lost': {
    result: asking(),
    answers: { confirm_write: new Error('gone') },
    act: agree,
    ready: 'The write may have been sent.',
  },
  'plan-declined': {
    result: asking(),
    answers: {},
    act: (view) => press(view, 'Do not'),
    ready: 'Declined. Nothing was sent.',
  },
  'plan-done': {
    result: asking(),
    answers: { confirm_write: data({ outcome: 'done', cluster: orders('AVAILABLE') }) },
    act: agree,
    ready: 'Available',
    beginsWith: 200,
  },

  costs: { result: costs, ready: 'for 4 clusters' },
};

export interface Variant {
  theme: 'light' | 'dark';
  width: number;
}

const THEMES = ['light', 'dark'] as const;
const WIDTHS = [320, 700];

/** A host that refuses the view tells it no theme. */
export const variantsOf = ({ isHostRefusing }: State): Variant[] =>
  (isHostRefusing ? (['light'] as const) : THEMES).flatMap((theme) => WIDTHS.map((width) => ({ theme, width })));
