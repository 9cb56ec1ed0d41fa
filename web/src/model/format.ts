/**
 * Formats numbers, units and times in the reader's locale; a missing value is a dash.
 */

export const DASH = '–';

/** No-break space between a number and its unit. */
const NBSP = '\u00a0';

const formats = new Map<string, Intl.NumberFormat>();

/** Creating an `Intl.NumberFormat` costs a hundred times as much as using it, and tables have thousands of numbers. */
function numberFormat(minDigits: number, maxDigits: number, locale?: string): Intl.NumberFormat {
  const key = `${locale ?? ''}|${minDigits}|${maxDigits}`;
  let format = formats.get(key);
  if (!format) {
    format = new Intl.NumberFormat(locale, {
      minimumFractionDigits: minDigits,
      maximumFractionDigits: maxDigits,
    });
    formats.set(key, format);
  }
  return format;
}

type MaybeNumber = number | null | undefined;

const isMissing = (value: MaybeNumber): value is null | undefined =>
  value === null || value === undefined || !Number.isFinite(value);

/** Whole numbers: users, requests. */
export function formatCount(value: MaybeNumber, locale?: string): string {
  return isMissing(value) ? DASH : numberFormat(0, 0, locale).format(value);
}

/** A number with exactly `digits` decimals, for columns whose decimals must line up. */
export function formatFixed(value: MaybeNumber, digits: number, locale?: string): string {
  return isMissing(value) ? DASH : numberFormat(digits, digits, locale).format(value);
}

/** Three significant figures without an exponent: 0.042, 3.14, 42.1, 1,234. */
export function formatShort(value: MaybeNumber, locale?: string): string {
  if (isMissing(value)) return DASH;
  const size = Math.abs(value);
  let digits = 0;
  if (size > 0 && size < 100)
    digits = size < 1 ? Math.min(6, 2 - Math.floor(Math.log10(size))) : size < 10 ? 2 : 1;
  return numberFormat(0, digits, locale).format(value);
}

/** Response times: milliseconds below ten seconds, seconds above. */
export function formatMs(value: MaybeNumber, locale?: string): string {
  if (isMissing(value)) return DASH;
  if (value >= 10_000) return `${formatShort(value / 1000, locale)}${NBSP}s`;
  return `${formatShort(value, locale)}${NBSP}ms`;
}

/** A response time in milliseconds, without the unit. The server rounds to whole milliseconds, so 0 means "below 1". */
export function formatMeasuredMs(value: MaybeNumber, locale?: string): string {
  if (isMissing(value)) return DASH;
  if (value === 0) return `<${NBSP}1`;
  return value < 1 ? formatFixed(Math.max(value, 0.01), 2, locale) : formatShort(value, locale);
}

/** A response time with its unit. */
export function formatResponseTime(value: MaybeNumber, locale?: string): string {
  return isMissing(value) || value >= 1
    ? formatMs(value, locale)
    : `${formatMeasuredMs(value, locale)}${NBSP}ms`;
}

export function formatRate(value: MaybeNumber, locale?: string): string {
  return isMissing(value) ? DASH : `${formatShort(value, locale)}/s`;
}

/** A fraction as a percentage. A fraction above zero is never shown as "0 %". */
export function formatShare(fraction: MaybeNumber, locale?: string): string {
  if (isMissing(fraction)) return DASH;
  const percent = fraction * 100;
  if (percent > 0 && percent < 0.01) return `<${NBSP}${formatFixed(0.01, 2, locale)}${NBSP}%`;
  const digits = percent === 0 || percent >= 99.995 ? 0 : percent < 1 ? 2 : 1;
  return `${numberFormat(digits, digits, locale).format(percent)}${NBSP}%`;
}

const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

export function formatBytes(bytes: MaybeNumber, locale?: string): string {
  if (isMissing(bytes)) return DASH;
  let value = bytes;
  let unit = 0;
  while (Math.abs(value) >= 1024 && unit < BYTE_UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? formatCount(value, locale) : formatShort(value, locale)}${NBSP}${BYTE_UNITS[unit]}`;
}

/** A duration as a clock shows it: `0:42`, `12:03`, `1:02:03`, `2 d 3:04:05`. */
export function formatDuration(seconds: MaybeNumber): string {
  if (isMissing(seconds)) return DASH;
  const whole = Math.max(0, Math.floor(seconds));
  const pad = (n: number) => String(n).padStart(2, '0');
  const days = Math.floor(whole / 86_400);
  const hours = Math.floor((whole % 86_400) / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  const clock =
    days || hours ? `${hours}:${pad(minutes)}:${pad(whole % 60)}` : `${minutes}:${pad(whole % 60)}`;
  return days ? `${days}${NBSP}d ${clock}` : clock;
}

/** Reads ISO 8601, epoch seconds or epoch milliseconds; null for anything else. */
export function parseTime(value: string | number | null | undefined): Date | null {
  if (value === null || value === undefined || value === '') return null;
  const number = typeof value === 'number' ? value : /^\d+(\.\d+)?$/.test(value) ? Number(value) : Number.NaN;
  const date = Number.isNaN(number) ? new Date(value) : new Date(number > 1e11 ? number : number * 1000);
  return Number.isNaN(date.getTime()) ? null : date;
}

const TIME: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit', second: '2-digit' };

const timeFormats = new Map<string, Intl.DateTimeFormat>();

const MOMENTS = {
  time: TIME,
  minute: { dateStyle: 'medium', timeStyle: 'short' },
  second: { dateStyle: 'medium', timeStyle: 'medium' },
} satisfies Record<string, Intl.DateTimeFormatOptions>;

function timeFormat(kind: keyof typeof MOMENTS, locale?: string): Intl.DateTimeFormat {
  const key = `${locale ?? ''}|${kind}`;
  let format = timeFormats.get(key);
  if (!format) {
    format = new Intl.DateTimeFormat(locale, MOMENTS[kind]);
    timeFormats.set(key, format);
  }
  return format;
}

/** Time of day in the reader's time zone, with the date if it is not today. */
export function formatMoment(
  value: string | number | null | undefined,
  now = new Date(),
  locale?: string,
): string {
  const date = parseTime(value);
  if (!date) return DASH;
  return timeFormat(date.toDateString() !== now.toDateString() ? 'second' : 'time', locale).format(date);
}

/** Date and time of day to the minute, for lists. */
export function formatMinute(value: string | number | null | undefined, locale?: string): string {
  const date = parseTime(value);
  return date ? timeFormat('minute', locale).format(date) : DASH;
}

export function formatDateTime(value: string | number | null | undefined, locale?: string): string {
  const date = parseTime(value);
  return date ? timeFormat('second', locale).format(date) : DASH;
}
