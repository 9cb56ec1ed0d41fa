/** The values of the start form: their initial state, their validation, and how they are sent. */
import type { ArgumentValue, ExtraOption, LiveArgs, UserClassConfig } from '../api/page';

export type OptionValue = string | boolean | string[];

/** Changes to one user class, in the format of `POST /user`. */
export interface ClassChanges {
  host?: string;
  weight?: number;
  fixed_count?: number;
  tasks?: string[];
  [attribute: string]: unknown;
}

export interface SwarmValues {
  userCount: string;
  spawnRate: string;
  host: string;
  runTime: string;
  runTimeFromRampEnd: boolean;
  iterations: string;
  arrivalRate: string;
  maxUsers: string;
  profile: string;
  /** One in a line. */
  thresholds: string;
  shape: string;
  classes: string[];
  options: Record<string, OptionValue>;
  /** By class name; only classes that were changed. */
  classChanges: Record<string, ClassChanges>;
}

export const DEFAULT_SHAPE = 'Default';

export const RUN_TIME_HINT = 'Such as 20, 20s, 3m, 2h, 1h20m or 3h30m10s. Empty: until you stop it.';

const RUN_TIME = /^\s*(\d+|(?=\d)(\d+h)?(\d+m)?(\d+s)?)\s*$/i;

export const isRunTime = (text: string): boolean => text.trim() === '' || RUN_TIME.test(text);

export type OptionKind = 'boolean' | 'choice' | 'choices' | 'secret' | 'number' | 'text';

export function optionKind(option: ExtraOption): OptionKind {
  if (typeof option.default_value === 'boolean') return 'boolean';
  if (option.choices?.length) return option.is_multiple ? 'choices' : 'choice';
  if (option.is_secret) return 'secret';
  return typeof option.default_value === 'number' ? 'number' : 'text';
}

export function initialOption(option: ExtraOption): OptionValue {
  const value: ArgumentValue = option.default_value ?? null;
  switch (optionKind(option)) {
    case 'boolean':
      return value === true;
    case 'choices':
      return Array.isArray(value) ? value.map(String) : value === null ? [] : [String(value)];
    default:
      return Array.isArray(value) ? value.join(',') : value === null ? '' : String(value);
  }
}

export function initialValues(args: LiveArgs): SwarmValues {
  const classes = args.available_user_classes ?? [];
  return {
    userCount: String(args.num_users ?? 1),
    spawnRate: String(args.spawn_rate ?? 1),
    host: args.host ?? '',
    runTime: args.run_time === null || args.run_time === undefined ? '' : String(args.run_time),
    runTimeFromRampEnd: args.run_time_from_ramp_end ?? false,
    iterations: String(args.iterations ?? ''),
    arrivalRate: String(args.arrival_rate ?? ''),
    maxUsers: String(args.max_users ?? ''),
    profile: args.profile ?? '',
    thresholds: (args.thresholds ?? []).join('\n'),
    shape: args.available_shape_classes?.[0] ?? DEFAULT_SHAPE,
    classes: [...classes],
    options: Object.fromEntries(
      Object.entries(args.extra_options ?? {}).map(([name, option]) => [name, initialOption(option)]),
    ),
    classChanges: {},
  };
}

/** Whether a load shape decides on users and spawn rate itself, rather than using the common options. */
export function shapeRules(args: LiveArgs, shape: string): boolean {
  if (args.show_userclass_picker) {
    return shape !== DEFAULT_SHAPE && !args.shapes_with_common_options?.includes(shape);
  }
  return Boolean(args.hide_common_options) && !args.shape_use_common_options;
}

export type FormErrors = Partial<
  Record<
    | 'userCount'
    | 'spawnRate'
    | 'host'
    | 'runTime'
    | 'iterations'
    | 'arrivalRate'
    | 'maxUsers'
    | 'classes'
    | 'options',
    string
  >
>;

export function validate(values: SwarmValues, args: LiveArgs, isEdit: boolean): FormErrors {
  const errors: FormErrors = {};
  if (!shapeRules(args, values.shape)) {
    if (!/^\d+$/.test(values.userCount.trim()) || Number(values.userCount) < 1) {
      errors.userCount = 'Enter a whole number of at least 1.';
    }
    const rate = Number(values.spawnRate);
    if (!values.spawnRate.trim() || !Number.isFinite(rate) || rate <= 0) {
      errors.spawnRate = 'Enter a number above 0; 0.5 starts a user every two seconds.';
    }
  }
  if (args.is_host_required && !values.host.trim())
    errors.host = 'This test needs a host, such as https://shop.example.';
  if (!isEdit && !isRunTime(values.runTime)) errors.runTime = `“${values.runTime}” is not a run time.`;
  if (!isEdit && !/^\s*([1-9]\d*)?\s*$/.test(values.iterations)) {
    errors.iterations = 'Enter a whole number of at least 1, or nothing for no limit.';
  }
  if (args.has_arrivals) {
    const rate = Number(values.arrivalRate);
    if (!Number.isFinite(rate) || rate < 0) errors.arrivalRate = 'Enter a number, or nothing.';
    if (!/^\s*([1-9]\d*)?\s*$/.test(values.maxUsers)) {
      errors.maxUsers = 'Enter a whole number of at least 1, or nothing.';
    }
  }
  if (!isEdit && args.show_userclass_picker && values.classes.length === 0) {
    errors.classes = 'Choose at least one user class.';
  }
  const missing = Object.entries(args.extra_options ?? {})
    .filter(([name, option]) => option.is_required && isEmpty(values.options[name]))
    .map(([name]) => optionTitle(name));
  if (missing.length) errors.options = `Fill in ${missing.join(', ')}.`;
  return errors;
}

const isEmpty = (value: OptionValue | undefined): boolean =>
  value === undefined || (typeof value !== 'boolean' && value.length === 0);

/** `my_argument` → "My argument". */
export function optionTitle(name: string): string {
  const words = name.replaceAll(/[_-]+/g, ' ').trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The form of `POST /swarm`. An edit changes the load and the arguments, but not the classes or the run time. */
export function swarmForm(values: SwarmValues, args: LiveArgs, isEdit: boolean): URLSearchParams {
  const form = new URLSearchParams();
  if (!shapeRules(args, values.shape)) {
    form.set('user_count', values.userCount.trim());
    form.set('spawn_rate', values.spawnRate.trim());
  }
  form.set('host', values.host.trim());
  if (args.has_arrivals) {
    form.set('arrival_rate', values.arrivalRate.trim());
    form.set('max_users', values.maxUsers.trim());
  }
  if (!isEdit) {
    form.set('run_time', values.runTime.trim());
    form.set('run_time_from_ramp_end', String(values.runTimeFromRampEnd));
    form.set('iterations', values.iterations.trim());
    form.set('profile', values.profile.trim());
    form.set('thresholds', values.thresholds.trim());
    if (args.show_userclass_picker) {
      for (const name of values.classes) form.append('user_classes', name);
      form.set('shape_class', values.shape);
    }
  }
  for (const [name, value] of Object.entries(values.options)) {
    // An empty list is sent as an empty text, because omitting it would leave the value unchanged.
    if (Array.isArray(value) && value.length > 0) for (const item of value) form.append(name, item);
    else form.set(name, String(value));
  }
  return form;
}

/** The attributes that a class's `json()` adds to those that every class has. */
export const ownAttributes = (config: UserClassConfig): [string, unknown][] =>
  Object.entries(config).filter(([name]) => !['host', 'weight', 'fixed_count', 'tasks'].includes(name));
