import type { CampaignStore } from '../contract.js';
import type { Calls } from './calls.js';
import type { Campaigns } from './campaigns.js';

export function campaignVerbs(calls: Calls, campaigns: Campaigns): CampaignStore {
  return {
    sightCampaign: (sighting) => calls.write('sightCampaign', (now) => campaigns.sight(sighting, now)),
    decideCampaign: (decision) => calls.write('decideCampaign', (now) => campaigns.decide(decision, now)),
    campaigns: (query) => calls.read('campaigns', (now) => campaigns.page(query, now)),
  };
}
