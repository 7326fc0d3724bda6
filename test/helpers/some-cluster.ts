/** The ID of a cluster that the sandbox has not. */
export const SOME_CLUSTER = 'c1d5e8a2-7b40-4f93-8e16-0a9b3c7d2f54';

/** What the API is asked for a cluster that is given by its name. */
export const LOOK_UP = 'clusters?limit=1000';
