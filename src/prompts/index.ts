import { onboardApplication } from './onboard-application.ts';
import { planMajorUpgrade } from './plan-major-upgrade.ts';
import type { Prompt } from './prompt.ts';
import { provisionCluster } from './provision-cluster.ts';
import { recoverToPointInTime } from './recover-to-point-in-time.ts';
import { reviewClusters } from './review-clusters.ts';

export const prompts: readonly Prompt[] = [
  provisionCluster,
  planMajorUpgrade,
  reviewClusters,
  recoverToPointInTime,
  onboardApplication,
];
