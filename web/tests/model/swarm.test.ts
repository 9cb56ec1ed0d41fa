import { describe, expect, test } from 'vitest';
import type { ExtraOption } from '../../src/api/page';
import {
  initialOption,
  initialValues,
  isRunTime,
  optionKind,
  optionTitle,
  shapeRules,
  swarmForm,
  validate,
} from '../../src/model/swarm';
import { liveArgs } from '../samples';

const option = (changes: Partial<ExtraOption>): ExtraOption => ({ default_value: '', ...changes });

test.each([
  ['', true],
  ['20', true],
  ['20s', true],
  ['3m', true],
  ['1h20m', true],
  ['3h30m10s', true],
  ['20m1h', false],
  ['1.5h', false],
  ['soon', false],
  ['-5', false],
])('run time "%s" is valid: %s', (text, expected) => {
  expect(isRunTime(text)).toBe(expected);
});

test.each([
  [option({ default_value: true }), 'boolean', true],
  [option({ default_value: 'dev', choices: ['dev', 'prod'] }), 'choice', 'dev'],
  [option({ default_value: ['a'], choices: ['a', 'b'], is_multiple: true }), 'choices', ['a']],
  [option({ default_value: null, choices: ['a', 'b'], is_multiple: true }), 'choices', []],
  [option({ default_value: 's3cret', is_secret: true }), 'secret', 's3cret'],
  [option({ default_value: 1.5 }), 'number', '1.5'],
  [option({ default_value: ['a', 'b'] }), 'text', 'a,b'],
  [option({ default_value: null }), 'text', ''],
])('%o is edited as %s', (given, kind, initial) => {
  expect(optionKind(given)).toBe(kind);
  expect(initialOption(given)).toEqual(initial);
});

test('names of arguments become titles', () => {
  expect(optionTitle('my_ui_argument')).toBe('My ui argument');
});

describe('shapes', () => {
  test('a shape rules the load unless it uses the common options', () => {
    expect(shapeRules(liveArgs({ hide_common_options: true }), 'Default')).toBe(true);
    expect(
      shapeRules(liveArgs({ hide_common_options: true, shape_use_common_options: true }), 'Default'),
    ).toBe(false);
  });

  test('with the class picker the chosen shape decides', () => {
    const args = liveArgs({ show_userclass_picker: true, available_shape_classes: ['Default', 'Wave'] });
    expect(shapeRules(args, 'Wave')).toBe(true);
    expect(shapeRules(args, 'Default')).toBe(false);
    expect(shapeRules({ ...args, shapes_with_common_options: ['Wave'] }, 'Wave')).toBe(false);
  });

  test('users and rate are neither asked for nor sent', () => {
    const args = liveArgs({ hide_common_options: true });
    const values = { ...initialValues(args), userCount: '', spawnRate: '' };
    expect(validate(values, args, false)).toEqual({});
    expect(swarmForm(values, args, false).has('user_count')).toBe(false);
  });
});

describe('validate', () => {
  const args = liveArgs({
    is_host_required: true,
    show_userclass_picker: true,
    extra_options: {
      tenant: option({ is_required: true }),
      dry_run: option({ default_value: false, is_required: true }),
    },
  });

  test('names everything that is wrong', () => {
    const values = {
      ...initialValues(args),
      userCount: '1.5',
      spawnRate: '0',
      host: ' ',
      runTime: 'x',
      classes: [],
    };
    const errors = validate(values, args, false);
    expect(Object.keys(errors).sort()).toEqual([
      'classes',
      'host',
      'options',
      'runTime',
      'spawnRate',
      'userCount',
    ]);
    expect(errors.options).toBe('Fill in Tenant.');
  });

  test.each(['', 'abc', 'Infinity', '-1', '0'])('a spawn rate of "%s" is refused', spawnRate => {
    expect(validate({ ...initialValues(args), spawnRate }, args, true).spawnRate).toBeTruthy();
  });

  test('a fraction of a user per second is a rate', () => {
    expect(validate({ ...initialValues(args), spawnRate: '0.5' }, args, true).spawnRate).toBeUndefined();
  });
});

describe('iterations', () => {
  const args = liveArgs({ num_users: 1, spawn_rate: 1 });

  test.each(['', ' ', '1', '250 '])('%o is a limit, or none', iterations => {
    expect(validate({ ...initialValues(args), iterations }, args, false).iterations).toBeUndefined();
  });

  test.each(['0', '-1', '1.5', 'many'])('%o is refused', iterations => {
    expect(validate({ ...initialValues(args), iterations }, args, false).iterations).toBeTruthy();
  });

  test('the limit of the command line is shown and sent', () => {
    const limited = liveArgs({ iterations: 40, run_time_from_ramp_end: true });
    const form = swarmForm(initialValues(limited), limited, false);
    expect([form.get('iterations'), form.get('run_time_from_ramp_end')]).toEqual(['40', 'true']);
  });
});

describe('arrivals', () => {
  const args = liveArgs({ has_arrivals: true, arrival_rate: 12.5, max_users: null });
  const changed = (part: object) => validate({ ...initialValues(args), ...part }, args, true);

  test.each(['', '0', '0.5', ' 200 '])('%o is a rate, or none', arrivalRate => {
    expect(changed({ arrivalRate }).arrivalRate).toBeUndefined();
  });

  test.each(['-1', 'many', 'Infinity'])('%o is refused', arrivalRate => {
    expect(changed({ arrivalRate }).arrivalRate).toBeTruthy();
  });

  test.each(['0', '1.5', 'all'])('%o users are refused', maxUsers => {
    expect(changed({ maxUsers }).maxUsers).toBeTruthy();
  });

  test('an edit sends them, and a test without arrivals does not', () => {
    const form = swarmForm(initialValues(args), args, true);
    expect([form.get('arrival_rate'), form.get('max_users')]).toEqual(['12.5', '']);
    const without = liveArgs({ has_arrivals: false });
    expect(swarmForm(initialValues(without), without, true).has('arrival_rate')).toBe(false);
  });
});

describe('swarmForm', () => {
  const args = liveArgs({
    num_users: 10,
    spawn_rate: 2,
    run_time: '1m',
    show_userclass_picker: true,
    extra_options: {
      verbose: option({ default_value: false }),
      envs: option({ default_value: ['a', 'b'], choices: ['a', 'b'], is_multiple: true }),
    },
  });

  test('sends load, classes, shape and arguments', () => {
    expect([...swarmForm(initialValues(args), args, false)]).toEqual([
      ['user_count', '10'],
      ['spawn_rate', '2'],
      ['host', 'https://shop.example'],
      ['run_time', '1m'],
      ['run_time_from_ramp_end', 'false'],
      ['iterations', ''],
      ['profile', ''],
      ['thresholds', ''],
      ['user_classes', 'Admin'],
      ['user_classes', 'Shopper'],
      ['shape_class', 'Default'],
      ['verbose', 'false'],
      ['envs', 'a'],
      ['envs', 'b'],
    ]);
  });

  test('a list with nothing chosen is sent as empty', () => {
    const values = { ...initialValues(args), options: { envs: [] } };
    expect(swarmForm(values, args, false).getAll('envs')).toEqual(['']);
  });

  test('an edit leaves run time, classes and shape alone', () => {
    const keys = [...swarmForm(initialValues(args), args, true).keys()];
    expect(keys).toEqual(['user_count', 'spawn_rate', 'host', 'verbose', 'envs', 'envs']);
  });
});
