import type { Prompt } from './prompt.ts';

export const reviewClusters: Prompt = {
  name: 'review_clusters',
  title: 'Review all clusters',
  arguments: [],
  opening: () => ['Review all my PostgreSQL clusters.'],
};
