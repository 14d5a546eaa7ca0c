/** What was seen in a message, for a person. */

import type { InspectionReport } from '../../message/inspection-report.js';
import { colours, plain } from './output.js';

const SHOWN_FIELDS = [
  'from',
  'sender',
  'reply-to',
  'to',
  'cc',
  'subject',
  'date',
  'message-id',
  'list-id',
  'list-unsubscribe',
];
const MAX_LINKS = 10;
const MAX_TEXT_LINES = 12;
const WIDTH = 160;

export function reportLines(file: string, report: InspectionReport): readonly string[] {
  return [
    `${colours.bold(plain(file))}  ${report.kind}, ${report.size} octets${report.bulk.declared ? ', declared bulk' : ''}`,
    ...section('Header', headerLines(report)),
    ...section('Structure', report.structure === null ? [] : partLines(report.structure, 0)),
    ...section('Visible text', textLines(report.visibleText)),
    ...section('Hidden text', textLines(report.hiddenText)),
    ...section('Links', linkLines(report)),
    ...section('Leaving', leavingLines(report)),
    ...section('Recipients', recipientLines(report)),
    ...section('Fingerprint', fingerprintLines(report)),
    ...section('Not seen', unseenLines(report)),
    ...section('Findings', findingLines(report)),
  ];
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [colours.dim(title), ...lines.map((one) => `  ${one}`)];
}

function cut(text: string): string {
  const shown = plain(text);
  return shown.length > WIDTH ? `${shown.slice(0, WIDTH - 1)}…` : shown;
}

function headerLines({ header, bulk }: InspectionReport): readonly string[] {
  const shown = header.fields.filter(({ name }) => SHOWN_FIELDS.includes(name.toLowerCase()));
  const defects = header.defects.map(({ kind, field, line }) =>
    colours.yellow(`! ${kind}${field === null ? '' : ` in ${plain(field)}`}${line > 0 ? `, line ${line}` : ''}`),
  );
  const signs = bulk.signs.map(({ sign }) => sign);
  return [
    ...shown.map(({ name, value }) => cut(`${name}: ${value}`)),
    ...(signs.length === 0 ? [] : [`bulk by ${plain([...new Set(signs)].join(', '))}`]),
    ...defects,
  ];
}

function partLines(part: NonNullable<InspectionReport['structure']>, depth: number): readonly string[] {
  const { path, type, size, filename, defects, children } = part;
  const name = filename === null ? '' : ` ${plain(filename)}`;
  const wrong = defects.length === 0 ? '' : `  ${colours.yellow(defects.join(', '))}`;
  return [
    `${'  '.repeat(depth)}${path} ${plain(type)}${name}, ${size} octets${wrong}`,
    ...children.flatMap((child) => partLines(child, depth + 1)),
  ];
}

function textLines(text: string): readonly string[] {
  const lines = text.split('\n').filter((one) => one.trim() !== '');
  const more = lines.length - MAX_TEXT_LINES;
  return [...lines.slice(0, MAX_TEXT_LINES).map(cut), ...(more > 0 ? [colours.dim(`… ${more} more lines`)] : [])];
}

function linkLines({ links }: InspectionReport): readonly string[] {
  const more = links.length - MAX_LINKS;
  return [
    ...links
      .slice(0, MAX_LINKS)
      .map(({ url, text, hidden }) =>
        cut(`${hidden ? '(hidden) ' : ''}${url}${text === url || text === '' ? '' : `  ${text}`}`),
      ),
    ...(more > 0 ? [colours.dim(`… ${more} more`)] : []),
  ];
}

function leavingLines({ unsubscribe, revocationNotice }: InspectionReport): readonly string[] {
  const means = unsubscribe.means.map(({ kind, where, value, problem }) =>
    problem === null
      ? colours.green(cut(`${kind} (${where}) ${value}`))
      : colours.yellow(cut(`${kind} (${where}) ${value}: ${problem}`)),
  );
  const notices = revocationNotice.notices.map(({ sentence, hours }) =>
    cut(
      `takes effect ${hours === null ? '(no time said)' : hours === 0 ? 'at once' : `within ${hours} h`}: ${sentence}`,
    ),
  );
  return [...means, ...notices];
}

function recipientLines({ recipients }: InspectionReport): readonly string[] {
  return recipients.map(({ address, visible, sightings }) => {
    const where = sightings.length === 0 ? 'nowhere' : sightings.join(', ');
    return (visible ? colours.green : colours.red)(
      `${plain(address)}: ${visible ? 'visible' : 'not visible'} (${where})`,
    );
  });
}

function fingerprintLines({ fingerprints }: InspectionReport): readonly string[] {
  return fingerprints.map(({ of, signature, features }) => `${of} ${signature.slice(0, 24)}… of ${features} features`);
}

function unseenLines({ unseen, exceeded }: InspectionReport): readonly string[] {
  return [
    ...unseen.map(({ part, type, why }) => colours.yellow(`${part} ${plain(type)}: ${why}`)),
    ...(exceeded.length === 0 ? [] : [colours.yellow(`bounds met: ${exceeded.join(', ')}`)]),
  ];
}

function findingLines({ findings }: InspectionReport): readonly string[] {
  return Object.entries(findings).flatMap(([rule, sentences]) =>
    sentences.map((sentence) => `${colours.yellow(rule)}  ${cut(sentence)}`),
  );
}
