/** Opening hours (`opening_hours` syntax of OpenStreetMap) as words, and whether a simple one is open. */

const DAYS = ['Mo', 'Tu', 'We', 'Th', 'Fr', 'Sa', 'Su'] as const;
type Day = (typeof DAYS)[number] | 'PH';

interface Rule {
  days: Day[];
  /** Minutes of the day; empty = closed. An end past 24:00 runs into the next day. */
  spans: [number, number][];
}

function parseDays(text: string): Day[] | null {
  const days: Day[] = [];
  for (const part of text.split(',')) {
    if (part === 'PH') {
      days.push('PH');
      continue;
    }
    const [from, to = from] = part.split('-');
    const first = DAYS.indexOf(from as never);
    const last = DAYS.indexOf(to as never);
    if (first < 0 || last < 0) return null;
    for (let i = first; ; i = (i + 1) % 7) {
      days.push(DAYS[i]!);
      if (i === last) break;
    }
  }
  return days;
}

function parseSpans(text: string): [number, number][] | null {
  const spans: [number, number][] = [];
  for (const part of text.split(',')) {
    const match = /^(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})$/.exec(part.trim());
    if (!match) return null;
    const start = Number(match[1]) * 60 + Number(match[2]);
    let end = Number(match[3]) * 60 + Number(match[4]);
    if (end <= start) end += 1440;
    spans.push([start, end]);
  }
  return spans;
}

/** The rules of a simple text, later ones overriding; null where it says more than this reads. */
export function parseHours(text: string): Rule[] | null {
  const rules: Rule[] = [];
  for (const part of text.split(';').map((p) => p.trim()).filter(Boolean)) {
    if (part === '24/7') {
      rules.push({ days: [...DAYS], spans: [[0, 1440]] });
      continue;
    }
    const match = /^((?:Mo|Tu|We|Th|Fr|Sa|Su|PH)(?:[-,](?:Mo|Tu|We|Th|Fr|Sa|Su|PH))*)?\s*(.*)$/.exec(part);
    const days = match?.[1] ? parseDays(match[1]) : [...DAYS];
    const times = match?.[2]?.trim() ?? '';
    const spans = times === 'off' || times === 'closed' ? [] : parseSpans(times.replace(/,\s+/g, ','));
    if (!days || !spans) return null;
    rules.push({ days, spans });
  }
  return rules.length ? rules : null;
}

/** Open at a moment, by the clock of Asia/Shanghai; holidays are not known here. */
export function isOpenAt(text: string, moment: Date): boolean | null {
  const rules = parseHours(text);
  if (!rules) return null;
  const shifted = new Date(moment.getTime() + 8 * 3_600_000);
  const minute = shifted.getUTCHours() * 60 + shifted.getUTCMinutes();
  const today = (shifted.getUTCDay() + 6) % 7;
  const spansOf = (index: number): [number, number][] => {
    const rule = rules.filter((r) => r.days.includes(DAYS[index]!)).at(-1);
    return rule?.spans ?? [];
  };
  return (
    spansOf(today).some(([a, b]) => minute >= a && minute < b) ||
    spansOf((today + 6) % 7).some(([, b]) => minute + 1440 < b)
  );
}

export interface HoursWords {
  day: (day: string) => string;
  always: string;
  daily: string;
  off: string;
  to: string;
  comma: string;
}

const clock = (minute: number): string => {
  const m = minute > 1440 ? minute - 1440 : minute;
  return `${Math.floor(m / 60)}:${String(m % 60).padStart(2, '0')}`;
};

/** `周一至周五 8:30–12:00、14:30–17:30`; the text itself where it cannot be read. */
export function describeHours(text: string, words: HoursWords): string {
  const rules = parseHours(text);
  if (!rules) return text;
  return rules
    .map(({ days, spans }) => {
      const whole = days.length === 7 && !days.includes('PH');
      if (whole && spans.length === 1 && spans[0]![0] === 0 && spans[0]![1] === 1440) return words.always;
      const name = whole ? words.daily : describeDays(days, words);
      const times = spans.length ? spans.map(([a, b]) => `${clock(a)}–${clock(b)}`).join(words.comma) : words.off;
      return `${name} ${times}`;
    })
    .join(words.comma === '、' ? '；' : '; ');
}

function describeDays(days: Day[], words: HoursWords): string {
  const runs: Day[][] = [];
  for (const day of days) {
    const run = runs.at(-1);
    const next = run && DAYS.indexOf(run.at(-1) as never) + 1 === DAYS.indexOf(day as never) && day !== 'PH';
    if (run && next) run.push(day);
    else runs.push([day]);
  }
  return runs
    .map((run) =>
      run.length > 2
        ? `${words.day(run[0]!)}${words.to}${words.day(run.at(-1)!)}`
        : run.map((d) => words.day(d)).join(words.comma),
    )
    .join(words.comma);
}
