/** How well fingerprints tell alike messages from others: as a store would use them, by bands first and then by comparison. */

import type { Fingerprint } from '../src/message/inspection.js';
import { inspect } from '../src/message/inspector.js';
import { ALIKE, likeness, MIN_FEATURES } from '../src/message/likeness.js';
import { personal, reader, TEMPLATES, toMail } from './alikeness-corpus.js';

export interface Measured {
  readonly template: string;
  readonly messages: number;
  /** Share of the messages that meet the first one of their template. */
  readonly recall: number;
  /** Share of the messages that meet one of another template. */
  readonly strayed: number;
  /** Features of the first one. */
  readonly features: number;
}

interface Campaign {
  readonly template: string;
  readonly fingerprint: Fingerprint;
}

export function measure(perTemplate: number): readonly Measured[] {
  const campaigns = TEMPLATES.flatMap((template) =>
    fingerprints(toMail(template.write(reader(0)), reader(0))).map((fingerprint) => ({
      template: template.name,
      fingerprint,
    })),
  );
  const byBand = new Map<string, Campaign[]>();
  for (const campaign of campaigns) {
    for (const band of campaign.fingerprint.bands) byBand.set(band, [...(byBand.get(band) ?? []), campaign]);
  }
  const measured = TEMPLATES.map(({ name, write }) => {
    let met = 0;
    let strayed = 0;
    for (let number = 1; number <= perTemplate; number++) {
      const templates = meet(fingerprints(toMail(write(reader(number)), reader(number))), byBand);
      if (templates.has(name)) met += 1;
      if ([...templates].some((template) => template !== name)) strayed += 1;
    }
    const features = campaigns.find(({ template }) => template === name)?.fingerprint.features ?? 0;
    return {
      template: name,
      messages: perTemplate,
      recall: met / perTemplate,
      strayed: strayed / perTemplate,
      features,
    };
  });
  return [...measured, measurePersonal(perTemplate)];
}

/** Each mail of a person is a template of its own; `recall` is what must not be: how many meet another's. */
function measurePersonal(count: number): Measured {
  const byBand = new Map<string, Campaign[]>();
  let strayed = 0;
  let features = 0;
  for (let number = 0; number < count; number++) {
    const own = fingerprints(toMail(personal(number), reader(number)));
    if (meet(own, byBand).size > 0) strayed += 1;
    features = Math.max(features, own[0]?.features ?? 0);
    for (const fingerprint of own)
      for (const band of fingerprint.bands)
        byBand.set(band, [...(byBand.get(band) ?? []), { template: `person ${number}`, fingerprint }]);
  }
  return {
    template: 'people of one company',
    messages: count,
    recall: Number.NaN,
    strayed: strayed / count,
    features,
  };
}

function fingerprints(mail: Buffer): readonly Fingerprint[] {
  return inspect(mail, 'fingerprint').fingerprints;
}

function meet(own: readonly Fingerprint[], byBand: ReadonlyMap<string, readonly Campaign[]>): ReadonlySet<string> {
  const met = new Set<string>();
  for (const fingerprint of own) {
    if (fingerprint.features < MIN_FEATURES) continue;
    for (const band of fingerprint.bands)
      for (const { template, fingerprint: other } of byBand.get(band) ?? [])
        if (!met.has(template) && likeness(fingerprint, other) >= ALIKE) met.add(template);
  }
  return met;
}
