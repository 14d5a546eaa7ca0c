/** The series as one SVG: a panel each, cost over size, the size on a logarithmic axis. */

export interface Curve {
  readonly name: string;
  readonly what: string;
  readonly points: readonly { readonly at: number; readonly micros: number; readonly p50: number }[];
}

const WIDTH = 300;
const HEIGHT = 180;
const LEFT = 52;
const RIGHT = 44;
const TOP = 34;
const BOTTOM = 40;
const COLUMNS = 3;
const CPU = '#1f5fa8';
const LATENCY = '#b4501e';

export function plot(curves: readonly Curve[]): string {
  const most = roundUp(Math.max(...curves.flatMap(({ points }) => points.map(({ micros }) => micros))));
  const slowest = roundUp(Math.max(...curves.flatMap(({ points }) => points.map(({ p50 }) => p50))));
  const width = COLUMNS * WIDTH;
  const height = Math.ceil(curves.length / COLUMNS) * HEIGHT + 24;
  const panels = curves.map((curve, index) => {
    const [x, y] = [(index % COLUMNS) * WIDTH, Math.floor(index / COLUMNS) * HEIGHT];
    return `<g transform="translate(${x} ${y})">${panel(curve, most, slowest)}</g>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="11">`,
    `<rect width="${width}" height="${height}" fill="white"/>`,
    ...panels,
    `<text x="8" y="${height - 8}" fill="${CPU}">left, solid: CPU of Sluice and Redis, µs a message</text>`,
    `<text x="${width / 2}" y="${height - 8}" fill="${LATENCY}">right, dashed: p50 of a message, ms</text>`,
    '</svg>',
    '',
  ].join('\n');
}

function panel({ name, what, points }: Curve, most: number, slowest: number): string {
  const logs = points.map(({ at }) => Math.log10(at));
  const [low, high] = [Math.min(...logs), Math.max(...logs)];
  const x = (at: number) => LEFT + ((Math.log10(at) - low) / Math.max(0.1, high - low)) * (WIDTH - LEFT - RIGHT);
  const y = (share: number) => TOP + (1 - share) * (HEIGHT - TOP - BOTTOM);
  const line = (of: (point: Curve['points'][number]) => number, look: string) => {
    const path = points.map((each) => `${x(each.at).toFixed(1)},${y(of(each)).toFixed(1)}`);
    const dots = path.map((at) => {
      const [cx, cy] = at.split(',');
      return `<circle cx="${cx}" cy="${cy}" r="2.5" ${look.replace('fill="none"', '')} fill="white"/>`;
    });
    return `<polyline points="${path.join(' ')}" ${look}/>${dots.join('')}`;
  };
  const ticks = points.map(({ at }) => text(x(at), HEIGHT - BOTTOM + 14, short(at), 'middle'));
  return [
    text(LEFT, 16, name, 'start', 'font-weight="bold"'),
    `<path d="M${LEFT} ${TOP}V${HEIGHT - BOTTOM}H${WIDTH - RIGHT}V${TOP}" fill="none" stroke="#999"/>`,
    text(LEFT - 6, TOP + 4, `${most}`, 'end', `fill="${CPU}"`),
    text(LEFT - 6, HEIGHT - BOTTOM, '0', 'end', `fill="${CPU}"`),
    text(WIDTH - RIGHT + 6, TOP + 4, `${slowest}`, 'start', `fill="${LATENCY}"`),
    text(WIDTH - RIGHT + 6, HEIGHT - BOTTOM, '0', 'start', `fill="${LATENCY}"`),
    text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10, what, 'middle', 'fill="#555"'),
    ...ticks,
    line(({ micros }) => micros / most, `stroke="${CPU}" stroke-width="2" fill="none"`),
    line(({ p50 }) => p50 / slowest, `stroke="${LATENCY}" stroke-width="1.5" stroke-dasharray="4 3" fill="none"`),
  ].join('');
}

function text(x: number, y: number, words: string, anchor: string, more = ''): string {
  return `<text x="${x.toFixed(1)}" y="${y}" text-anchor="${anchor}" ${more}>${words}</text>`;
}

/** To 1, 2 or 5 of its power of ten, so that axes have round ends. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5, 10].find((step) => step * power >= value) ?? 10) * power;
}

function short(size: number): string {
  if (size >= 1_000_000) return `${size / 1_000_000} M`;
  return size >= 1_000 ? `${size / 1_000} k` : `${size}`;
}
